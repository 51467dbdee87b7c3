use super::*;

fn made(spec: &SynthSpec, rows: usize) -> (Vec<f32>, Vec<u64>) {
    let mut synth = Synth::new(spec.clone()).unwrap();
    let (mut vectors, mut persons) = (Vec::new(), Vec::new());
    while synth.next_chunk(rows, &mut vectors, &mut persons) > 0 {}
    (vectors, persons)
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum()
}

fn mean_and_std(values: &[f64]) -> [f64; 2] {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    [mean, (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64).sqrt()]
}

/// Mean and standard deviation of mated and of nonmated scores.
fn statistics(spec: &SynthSpec) -> [[f64; 2]; 2] {
    let (vectors, persons) = made(spec, 1000);
    let faces: Vec<&[f32]> = vectors.chunks_exact(spec.d).collect();
    let (mut mated, mut nonmated) = (Vec::new(), Vec::new());
    for i in 0..faces.len() {
        if i + 1 < faces.len() && persons[i] == persons[i + 1] {
            mated.push(dot(faces[i], faces[i + 1]));
        }
        let far = (i + faces.len() / 2) % faces.len();
        nonmated.push(dot(faces[i], faces[far]));
    }
    [mean_and_std(&mated), mean_and_std(&nonmated)]
}

#[test]
fn scores_are_spread_as_edgeface_spreads_them() {
    let [mated, nonmated] = statistics(&SynthSpec::edgeface_like(8000, 512, 3));
    println!("mated {mated:?} nonmated {nonmated:?}");
    assert!((mated[0] - 0.645).abs() < 0.012, "{mated:?}");
    // |m|² over 1 + |m|² + q: .01 / 1.6.
    assert!((nonmated[0] - 0.0065).abs() < 0.004, "{nonmated:?}");
    assert!((nonmated[1] - 0.076).abs() < 0.004, "{nonmated:?}");
}

/// Against what was measured with the network on LFW: .592 and .128, .0231 and .0576.
#[test]
fn scores_are_spread_as_mobilefacenet_spreads_them() {
    let [mated, nonmated] = statistics(&SynthSpec::mbf_like(8000, 512, 3));
    println!("mated {mated:?} nonmated {nonmated:?}");
    assert!((mated[0] - 0.592).abs() < 0.012 && (mated[1] - 0.128).abs() < 0.012, "{mated:?}");
    assert!((nonmated[0] - 0.0231).abs() < 0.004 && (nonmated[1] - 0.0576).abs() < 0.003, "{nonmated:?}");
}

#[test]
fn faces_have_unit_norm_and_people_ten_to_thirty_of_them() {
    for d in [2, 100, 128, 512] {
        let spec = SynthSpec::edgeface_like(500, d, 1);
        let (vectors, persons) = made(&spec, 64);
        assert_eq!((vectors.len(), persons.len()), (500 * d, 500));
        assert!(vectors.chunks_exact(d).all(|face| (dot(face, face) - 1.0).abs() < 1e-5));
        assert!(persons.is_sorted());
        let last = persons[499];
        let synth = Synth::new(spec).unwrap();
        for person in 0..last {
            let faces = persons.iter().filter(|&&p| p == person).count();
            assert!((10..=30).contains(&faces));
            assert_eq!(faces, synth.faces_of(person) as usize);
        }
        assert_eq!(synth.count_persons(), last + 1);
    }
}

#[test]
fn neither_chunks_nor_the_number_change_a_vector() {
    let spec = SynthSpec::edgeface_like(300, 64, 9);
    let whole = made(&spec, 1000);
    assert_eq!(made(&spec, 7), whole);
    assert_eq!(made(&spec, 1), whole);
    let more = made(&SynthSpec { n: 900, ..spec.clone() }, 100);
    assert_eq!(more.0[..300 * 64], whole.0);
    assert_ne!(made(&SynthSpec { seed: 10, ..spec.clone() }, 1000).0, whole.0);
    // Person by person, as threads do it.
    let synth = Synth::new(spec).unwrap();
    let mut vectors = Vec::new();
    for person in 0..synth.count_persons() {
        synth.append_person(person, &mut vectors);
    }
    assert_eq!(vectors[..300 * 64], whole.0);
}

#[test]
fn mated_probes_are_new_photos_of_their_people_and_nonmated_of_nobody() {
    let spec = SynthSpec::edgeface_like(2000, 512, 4);
    let (vectors, persons) = made(&spec, 500);
    let synth = Synth::new(spec.clone()).unwrap();
    let mated = synth.mated_probes(150);
    assert_eq!(mated.persons.len(), 150);
    assert_eq!(mated.persons[..99], (0..99).collect::<Vec<u64>>());
    assert_eq!(mated.persons[149], 149 % synth.count_persons());
    let best = |probe: &[f32], own: Option<u64>| {
        let faces = vectors.chunks_exact(512).zip(&persons).filter(|(_, person)| own.is_none_or(|own| own == **person));
        faces.map(|(face, _)| dot(probe, face)).fold(-1.0, f64::max)
    };
    let mut near = 0;
    for (probe, person) in mated.vectors.chunks_exact(512).zip(&mated.persons).take(50) {
        let score = best(probe, Some(*person));
        assert!(score < 0.9999, "an enrolled face came back");
        near += usize::from(score > 0.5);
    }
    assert!(near >= 45, "{near} of 50");
    let nonmated = synth.nonmated_probes(50);
    assert!(nonmated.persons.is_empty());
    assert!(nonmated.vectors.chunks_exact(512).all(|probe| best(probe, None) < 0.5));
    // Their own streams: more probes or more faces change none of them.
    assert_eq!(synth.mated_probes(20).vectors, mated.vectors[..20 * 512]);
    assert_eq!(synth.nonmated_probes(20).vectors, nonmated.vectors[..20 * 512]);
    let larger = Synth::new(SynthSpec { n: 5000, ..spec }).unwrap();
    assert_eq!(larger.mated_probes(90).vectors, mated.vectors[..90 * 512]);
}

#[test]
fn an_empty_set_has_no_faces_and_no_mated_probes() {
    let spec = SynthSpec::edgeface_like(0, 32, 4);
    assert_eq!(made(&spec, 10), (Vec::new(), Vec::new()));
    let synth = Synth::new(spec).unwrap();
    assert_eq!(synth.mated_probes(3), Probes::default());
    assert_eq!(synth.nonmated_probes(3).vectors.len(), 96);
    assert_eq!(synth.count_persons(), 0);
}

#[test]
fn nonsense_is_refused() {
    let spec = SynthSpec::edgeface_like(10, 64, 1);
    let error = |spec: SynthSpec| Synth::new(spec).unwrap_err();
    assert_eq!(error(SynthSpec { d: 1, ..spec.clone() }), SynthError::Dimensions(1));
    assert_eq!(error(SynthSpec { rank: 65, ..spec.clone() }), SynthError::Rank { rank: 65, d: 64 });
    assert_eq!(error(SynthSpec { rank: 0, ..spec.clone() }), SynthError::Rank { rank: 0, d: 64 });
    assert_eq!(error(SynthSpec { faces_per_person: [0, 3], ..spec.clone() }), SynthError::FacesPerPerson(0, 3));
    assert_eq!(error(SynthSpec { q_median: f32::NAN, ..spec.clone() }), SynthError::Distribution);
    let steep = Spectrum { fall: 1.5, power: 1.0 };
    assert_eq!(error(SynthSpec { beta: steep, ..spec }), SynthError::Distribution);
}

/// Prints the speed; run with `--ignored --nocapture`.
#[test]
#[ignore = "measures speed"]
fn speed() {
    let mut synth = Synth::new(SynthSpec::edgeface_like(1_000_000, 512, 1)).unwrap();
    let begun = std::time::Instant::now();
    let (mut vectors, mut persons, mut rows) = (Vec::new(), Vec::new(), 0);
    while rows < 50_000 {
        vectors.clear();
        rows += synth.next_chunk(1000, &mut vectors, &mut persons);
    }
    println!("{:.0} vectors/s", rows as f64 / begun.elapsed().as_secs_f64());
}
