//! What detection finds on large photos and how long it takes; run by hand with `--ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

#[path = "common/scenes.rs"]
mod scenes;

use std::path::PathBuf;

use image::RgbImage;
use likeness::types::{BBox, DetectorParams};
use likeness::vision::decode::{DecodeParams, encode_jpeg, open_photo};
use likeness::vision::mtcnn::Mtcnn;
use likeness::vision::runtime;
use likeness::vision::weights_dir;

/// Processor seconds that this thread has had: other programs on the machine do not count, nor does waiting.
fn processor_secs() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// LFW photos whose only large face is found, with its box.
fn faces(mtcnn: &Mtcnn, count: usize) -> Vec<(RgbImage, BBox)> {
    let root = PathBuf::from(std::env::var_os("LIKENESS_ASSETS").expect("LIKENESS_ASSETS")).join("data/lfw/images");
    let mut people: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    people.sort();
    let step = people.len() / (2 * count);
    let mut found = Vec::new();
    for person in people.iter().step_by(step.max(1)) {
        let photo = std::fs::read_dir(person).unwrap().next().unwrap().unwrap().path();
        let picture = image::open(photo).unwrap().to_rgb8();
        let faces = mtcnn.detect(&picture, &DetectorParams::default()).unwrap();
        if let [face] = faces.as_slice()
            && face.confidence > 0.99
        {
            found.push((picture, face.bbox));
        }
        if found.len() == count {
            break;
        }
    }
    found
}

#[test]
#[ignore = "measures found faces and time over large photos"]
fn found_faces_and_time() {
    const SIDES: [f32; 7] = [30.0, 40.0, 50.0, 65.0, 90.0, 150.0, 300.0];
    runtime::set_threads(1);
    let mtcnn = Mtcnn::load(&weights_dir().join("mtcnn")).unwrap();
    let faces = faces(&mtcnn, 84);
    for size in [[4000, 3000], [6000, 4000], [8000, 6000]] {
        let mut scene = scenes::background(size[0], size[1], 1);
        // Equally many of each size; the largest come last, so that small ones stand in rows.
        let scaled = |(at, (picture, bbox)): (usize, &(RgbImage, BBox))| {
            (at, picture.clone(), SIDES[at * SIDES.len() / faces.len()] / bbox.width().max(bbox.height()))
        };
        let pictures: Vec<_> = faces.iter().enumerate().map(scaled).collect();
        let placed = scenes::lay(&mut scene, &pictures, 24);
        let jpeg = encode_jpeg(&scene, 90).unwrap();
        println!("{size:?}: {} faces, {} kB", placed.len(), jpeg.len() / 1000);
        for (name, max_image_side, min_scale) in [
            ("fast", 1600, 0.0f32),
            ("16 px", 1600, 0.4),
            ("20 px", 1600, 0.5),
            ("24 px", 1600, 0.6),
            ("32 px", 1600, 0.8),
            ("full", 0, 1.0),
        ] {
            let params = DecodeParams { max_image_side, min_scale, ..DecodeParams::default() };
            let mut best = [f64::INFINITY; 2];
            let mut found = Vec::new();
            let mut scale = 1.0;
            for _ in 0..2 {
                let begun = processor_secs();
                let open = open_photo(jpeg.clone(), &params).unwrap();
                let decoded = processor_secs() - begun;
                scale = open.photo.scale;
                let detector = DetectorParams { min_face_size: (40.0 * scale).max(12.0), ..DetectorParams::default() };
                found = mtcnn.detect(&open.photo.pixels, &detector).unwrap();
                let all = processor_secs() - begun;
                best = [best[0].min(decoded), best[1].min(all)];
            }
            let boxes: Vec<BBox> = found.iter().map(|face| face.bbox.scaled(1.0 / scale)).collect();
            let mut hits = [[0; 2]; SIDES.len()];
            let mut matched = 0;
            for place in &placed {
                let bbox = faces[place.picture].1.scaled(place.scale);
                let [x, y] = place.at.map(|v| v as f32);
                let truth = BBox { x1: bbox.x1 + x, y1: bbox.y1 + y, x2: bbox.x2 + x, y2: bbox.y2 + y };
                let hit = boxes.iter().any(|found| found.iou(&truth) > 0.4);
                let class = place.picture * SIDES.len() / faces.len();
                hits[class][1] += 1;
                hits[class][0] += i32::from(hit);
                matched += usize::from(hit);
            }
            let classes: Vec<String> =
                SIDES.iter().zip(hits).map(|(side, [h, n])| format!("{side}: {h}/{n}")).collect();
            println!(
                "  {name:6} decode {:.3} s, with detection {:.3} s of processor time, {} found, {} besides; {}",
                best[0],
                best[1],
                matched,
                boxes.len() - matched.min(boxes.len()),
                classes.join("  ")
            );
        }
    }
}

/// What upside-down faces look like to the detector, and faces that the photo's border cuts.
#[test]
#[ignore = "measures parts of the quality"]
fn upside_down_and_cut_faces() {
    use likeness::vision::align::{Similarity, Template, aligned_crop};
    runtime::set_threads(1);
    let mtcnn = Mtcnn::load(&weights_dir().join("mtcnn")).unwrap();
    let faces = faces(&mtcnn, 400);
    let residual = |points: &[[f32; 2]; 5]| {
        let onto = Similarity::from_points(points, &Template::ARCFACE.points).unwrap();
        let sum: f32 = points
            .iter()
            .zip(Template::ARCFACE.points)
            .map(|(p, q)| {
                let [x, y] = onto.apply(*p);
                (x - q[0]).powi(2) + (y - q[1]).powi(2)
            })
            .sum();
        (sum / 5.0).sqrt() / 35.24
    };
    let print = |name: &str, mut values: Vec<f32>| {
        values.sort_by(f32::total_cmp);
        let at = |share: f32| values.get((values.len() as f32 * share) as usize).copied().unwrap_or(f32::NAN);
        println!(
            "{name}: {} values, 1 % {:.3} 5 % {:.3} 25 % {:.3} 50 % {:.3} 75 % {:.3} 95 % {:.3} 99 % {:.3}",
            values.len(),
            at(0.01),
            at(0.05),
            at(0.25),
            at(0.5),
            at(0.75),
            at(0.95),
            at(0.99)
        );
    };
    for turn in ["upright", "upside down", "clockwise"] {
        let (mut fits, mut rolls, mut turned, mut own, mut size) = (vec![], vec![], vec![], vec![], vec![]);
        for (picture, bbox) in &faces {
            let picture = match turn {
                "upright" => picture.clone(),
                "clockwise" => image::imageops::rotate90(picture),
                _ => image::imageops::rotate180(picture),
            };
            for face in mtcnn.detect(&picture, &DetectorParams::default()).unwrap() {
                if face.bbox.width() < 0.6 * bbox.width() {
                    continue;
                }
                fits.push(residual(&face.landmarks.0));
                let [l, r, ..] = face.landmarks.0;
                rolls.push((r[1] - l[1]).atan2(r[0] - l[0]).to_degrees());
                size.push(face.confidence);
                let crop = aligned_crop(&picture, &face.landmarks, &Template::ARCFACE).unwrap();
                let crops = [crop.clone(), image::imageops::rotate180(&crop)];
                let sure = mtcnn.confidences(&crops).unwrap();
                own.push(sure[0]);
                turned.push(sure[1] - sure[0]);
            }
        }
        println!("{turn}: {} of {}", fits.len(), faces.len());
        print("  residual", fits);
        print("  roll", rolls);
        print("  detector", size);
        print("  own crop", own);
        print("  turned less own", turned);
    }
}

/// How alike the embedding of a face on a 24-megapixel photo is to that of the same pixels as a photo of their own.
#[test]
#[ignore = "measures embeddings over large photos"]
fn embeddings_on_large_photos() {
    use likeness::jobs::{Engine, Mode};
    use likeness::types::Effort;
    use likeness::vision::align::aligned_crop;
    use likeness::vision::minify::Minify;
    runtime::set_threads(2);
    let home = tempfile::tempdir().unwrap();
    let engine = Engine::open(Some(home.path()), Mode::Write, None).unwrap();
    let (mtcnn, embedder) = (engine.mtcnn().unwrap(), engine.embedder().unwrap());
    let input = embedder.manifest().input;
    let faces = faces(&mtcnn, 40);
    for side in [45.0, 60.0, 90.0, 140.0f32] {
        let mut scene = scenes::background(6000, 4000, 3);
        let scaled = |(at, (picture, bbox)): (usize, &(RgbImage, BBox))| {
            (at, picture.clone(), side / bbox.width().max(bbox.height()))
        };
        let pictures: Vec<_> = faces.iter().enumerate().map(scaled).collect();
        let placed = scenes::lay(&mut scene, &pictures, 300);
        let jpeg = encode_jpeg(&scene, 95).unwrap();
        for effort in Effort::ALL {
            let params = DetectorParams { effort, ..DetectorParams::default() };
            let decode = DecodeParams { min_scale: params.min_scale(), ..DecodeParams::default() };
            let mut open = open_photo(jpeg.clone(), &decode).unwrap();
            let scale = open.photo.scale;
            let detector = DetectorParams { min_face_size: (params.min_face_size * scale).max(12.0), ..params };
            let found = mtcnn.detect(&open.photo.pixels, &detector).unwrap();
            let landmarks: Vec<_> = found.iter().map(|face| face.landmarks.scaled(1.0 / scale)).collect();
            open.sharpen_for(&landmarks, &[input.template]).unwrap();
            let settled = open.settle(&mtcnn, &found, params.thresholds[2]).unwrap();
            let (mut before, mut after, mut given, mut anew) = (vec![], vec![], vec![], vec![]);
            let mut moves: Vec<f32> = vec![];
            for place in &placed {
                let picture = &faces[place.picture].0;
                let width = (picture.width() as f32 * place.scale).round() as u32;
                let height = (picture.height() as f32 * place.scale).round() as u32;
                let tile = image::imageops::crop_imm(&scene, place.at[0], place.at[1], width, height).to_image();
                let own = mtcnn.detect(&tile, &DetectorParams { min_face_size: 20.0, ..params }).unwrap();
                let Some(own) = own.first() else { continue };
                let [x, y] = place.at.map(|v| v as f32);
                let truth = BBox { x1: own.bbox.x1 + x, y1: own.bbox.y1 + y, x2: own.bbox.x2 + x, y2: own.bbox.y2 + y };
                let Some(hit) = settled.iter().position(|face| face.bbox.iou(&truth) > 0.4) else { continue };
                let (face, landmarks, settled) = (&found[hit], &landmarks[hit], &settled[hit].landmarks);
                let far = |p: &[f32; 2], q: &[f32; 2]| (p[0] - q[0]).hypot(p[1] - q[1]) / side;
                moves.push(landmarks.0.iter().zip(&settled.0).map(|(p, q)| far(p, q)).fold(0.0, f32::max));
                let exact = likeness::types::Landmarks(
                    own.landmarks.0.map(|[px, py]| [px + x, py + y].map(|v| v + 0.5 - 0.5 / scale)),
                );
                let crops = [
                    aligned_crop(&tile, &own.landmarks, &input.template).unwrap(),
                    aligned_crop(&open.photo.pixels, &face.landmarks, &input.template).unwrap(),
                    open.crop(landmarks, &input.template, Minify::Mip).unwrap(),
                    open.crop(&exact, &input.template, Minify::Mip).unwrap(),
                    open.crop(settled, &input.template, Minify::Mip).unwrap(),
                ];
                let vectors = embedder.embed(&crops).unwrap();
                before.push(vectors[0].score(&vectors[1]));
                after.push(vectors[0].score(&vectors[2]));
                given.push(vectors[0].score(&vectors[3]));
                anew.push(vectors[0].score(&vectors[4]));
            }
            let told = |mut values: Vec<f32>| {
                values.sort_by(f32::total_cmp);
                let mean = values.iter().sum::<f32>() / values.len() as f32;
                let at = |n: usize| values.get(n).copied().unwrap_or(f32::NAN);
                format!("least {:.4} 5 % {:.4} mean {mean:.4}", at(0), at(values.len() / 20))
            };
            println!(
                "face {side} px, {}: {} of {} found; reduced picture {}; photo's pixels {}; landmarks found anew on them {}; with the \
                 same landmarks {}; farthest moves {}",
                effort.name(),
                before.len(),
                placed.len(),
                told(before),
                told(after),
                told(anew),
                told(given),
                told(moves.iter().map(|way| -way).collect())
            );
        }
    }
}

/// What each face of a photo costs beside its embedding: looking again at finer pixels, the crop, and whether it is upright.
#[test]
#[ignore = "measures the cost of single steps"]
fn cost_of_each_face() {
    use likeness::vision::align::Template;
    use likeness::vision::minify::Minify;
    const ROUNDS: u32 = 5;
    runtime::set_threads(1);
    let mtcnn = Mtcnn::load(&weights_dir().join("mtcnn")).unwrap();
    let faces = faces(&mtcnn, 40);
    for side in [60.0, 300.0f32] {
        let mut scene = scenes::background(6000, 4000, 3);
        let scaled = |(at, (picture, bbox)): (usize, &(RgbImage, BBox))| {
            (at, picture.clone(), side / bbox.width().max(bbox.height()))
        };
        let pictures: Vec<_> = faces.iter().enumerate().map(scaled).collect();
        scenes::lay(&mut scene, &pictures, 24);
        let params = DetectorParams::default();
        let decode = DecodeParams { min_scale: params.min_scale(), ..DecodeParams::default() };
        let mut open = open_photo(encode_jpeg(&scene, 90).unwrap(), &decode).unwrap();
        let scale = open.photo.scale;
        let detector = DetectorParams { min_face_size: (params.min_face_size * scale).max(12.0), ..params };
        let found = mtcnn.detect(&open.photo.pixels, &detector).unwrap();
        let landmarks: Vec<_> = found.iter().map(|face| face.landmarks.scaled(1.0 / scale)).collect();
        let begun = processor_secs();
        open.sharpen_for(&landmarks, &[Template::ARCFACE]).unwrap();
        println!("{side} px: {} faces; decoding finer pixels {:.3} s", found.len(), processor_secs() - begun);
        let each = |what: &str, step: &mut dyn FnMut()| {
            step();
            let begun = processor_secs();
            (0..ROUNDS).for_each(|_| step());
            let millis = (processor_secs() - begun) * 1e3 / f64::from(ROUNDS) / found.len() as f64;
            println!("  {what}: {millis:.2} ms a face");
        };
        let mut settled = Vec::new();
        each("landmarks on finer pixels", &mut || settled = open.settle(&mtcnn, &found, 0.7).unwrap());
        let crop = |minify| -> Vec<RgbImage> {
            let cut = settled.iter().map(|face| open.crop(&face.landmarks, &Template::ARCFACE, minify).unwrap());
            cut.collect()
        };
        let mut crops = Vec::new();
        each("crop, means", &mut || crops = crop(Minify::Mip));
        each("crop, bilinear", &mut || crops = crop(Minify::Bilinear));
        let turned = |crop: &RgbImage| [crop.clone(), image::imageops::rotate180(crop)];
        each("upright or not", &mut || {
            let both: Vec<RgbImage> = crops.iter().flat_map(turned).collect();
            mtcnn.confidences(&both).unwrap();
        });
    }
}

/// What a face is worth of which the photo's border cuts off a part.
#[test]
#[ignore = "measures embeddings of cut faces"]
fn cut_faces() {
    use likeness::jobs::{Engine, Mode};
    use likeness::vision::align::{Template, aligned_crop};
    use likeness::vision::decode::photo_from_pixels;
    runtime::set_threads(2);
    let home = tempfile::tempdir().unwrap();
    let engine = Engine::open(Some(home.path()), Mode::Write, None).unwrap();
    let (mtcnn, embedder) = (engine.mtcnn().unwrap(), engine.embedder().unwrap());
    let template = embedder.manifest().input.template;
    let faces = faces(&mtcnn, 120);
    let mut found = Vec::new();
    for (person, (picture, bbox)) in faces.iter().enumerate() {
        let whole = mtcnn.detect(picture, &DetectorParams::default()).unwrap()[0];
        let whole = aligned_crop(picture, &whole.landmarks, &template).unwrap();
        for share in [0.0, 0.15, 0.3, 0.45] {
            // From the left or from below.
            let cut = match person % 2 {
                0 => {
                    let x = (bbox.x1 + share * bbox.width()).max(0.0) as u32;
                    image::imageops::crop_imm(picture, x, 0, picture.width() - x, picture.height()).to_image()
                }
                _ => {
                    let height = (bbox.y2 - share * bbox.height()) as u32;
                    image::imageops::crop_imm(picture, 0, 0, picture.width(), height).to_image()
                }
            };
            let Some(face) = mtcnn.detect(&cut, &DetectorParams::default()).unwrap().first().copied() else { continue };
            let crop = aligned_crop(&cut, &face.landmarks, &template).unwrap();
            let open = photo_from_pixels(cut, &DecodeParams::default()).unwrap();
            let outside = open.grounds(&face.landmarks, &Template::ARCFACE).unwrap().outside;
            let vectors = embedder.embed(&[whole.clone(), crop]).unwrap();
            found.push((person, outside, vectors[0].score(&vectors[1]), vectors[1].clone()));
        }
    }
    for [from, to] in [
        [0.0, 0.02],
        [0.02, 0.06],
        [0.06, 0.1],
        [0.1, 0.15],
        [0.15, 0.2],
        [0.2, 0.25],
        [0.25, 0.3],
        [0.3, 0.4],
        [0.4, 0.6],
    ] {
        let class: Vec<_> = found.iter().filter(|(_, outside, ..)| (from..to).contains(outside)).collect();
        if class.is_empty() {
            continue;
        }
        let own = class.iter().map(|(_, _, own, _)| own).sum::<f32>() / class.len() as f32;
        let mut strangers: Vec<f32> = class
            .iter()
            .enumerate()
            .flat_map(|(at, (person, _, _, vector))| {
                class[..at].iter().filter(move |other| other.0 != *person).map(move |other| other.3.score(vector))
            })
            .collect();
        strangers.sort_by(f32::total_cmp);
        let at =
            |share: f32| strangers.get(((strangers.len() as f32 - 1.0) * share) as usize).copied().unwrap_or(f32::NAN);
        println!(
            "outside {from}-{to}: {} faces, to the whole face {own:.3}; strangers median {:.3} 99 % {:.3} most {:.3}",
            class.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}

/// Faces larger than twice the template, cut with and without means below: LFW enlarged four times under a sensor's grain.
#[test]
#[ignore = "measures two ways of shrinking on LFW's first fold"]
fn ways_of_shrinking() {
    use fast_image_resize::images::{Image, ImageRef};
    use fast_image_resize::{PixelType, Resizer};
    use likeness::jobs::{Engine, Mode};
    use likeness::types::{Embedding, Landmarks};
    use likeness::vision::minify::{Minify, shrunk_crop};
    const TIMES: u32 = 4;
    runtime::set_threads(2);
    let home = tempfile::tempdir().unwrap();
    let engine = Engine::open(Some(home.path()), Mode::Write, None).unwrap();
    let embedder = engine.embedder().unwrap();
    let template = embedder.manifest().input.template;
    let root = PathBuf::from(std::env::var_os("LIKENESS_ASSETS").expect("LIKENESS_ASSETS")).join("data/lfw");
    let mtcnn = Mtcnn::load(&weights_dir().join("mtcnn")).unwrap();
    let photo = |person: &str, number: &str| {
        let number: u32 = number.parse().unwrap();
        let path = root.join(format!("images/{person}/{person}_{number:04}.jpg"));
        let picture = image::open(path).ok()?.to_rgb8();
        let faces =
            mtcnn.detect(&picture, &DetectorParams { min_face_size: 60.0, ..DetectorParams::default() }).unwrap();
        let middle = |face: &likeness::types::Detection| {
            let [x, y] = face.bbox.center();
            (x - 125.0).hypot(y - 125.0)
        };
        let face = faces.iter().min_by(|a, b| middle(a).total_cmp(&middle(b)))?;
        let source = ImageRef::new(250, 250, picture.as_raw(), PixelType::U8x3).unwrap();
        let mut large = Image::new(250 * TIMES, 250 * TIMES, PixelType::U8x3);
        Resizer::new().resize(&source, &mut large, None).unwrap();
        let mut large = RgbImage::from_raw(250 * TIMES, 250 * TIMES, large.into_vec()).unwrap();
        let mut state = 7u32;
        for value in large.iter_mut() {
            // The sum of four bytes: a spread of about 12 gray levels.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let sum: i32 = state.to_be_bytes().iter().map(|&byte| i32::from(byte)).sum();
            *value = (i32::from(*value) + (sum - 510) / 12).clamp(0, 255) as u8;
        }
        let times = TIMES as f32;
        let moved = Landmarks(face.landmarks.0.map(|point| point.map(|v| (v + 0.5) * times - 0.5)));
        let crops = [
            shrunk_crop(&picture, &face.landmarks, &template, Minify::Bilinear).unwrap(),
            shrunk_crop(&large, &moved, &template, Minify::Bilinear).unwrap(),
            shrunk_crop(&large, &moved, &template, Minify::Mip).unwrap(),
        ];
        Some(embedder.embed(&crops).unwrap())
    };
    let pairs = std::fs::read_to_string(root.join("pairs.txt")).unwrap();
    let mut scores: [Vec<(f32, bool)>; 3] = Default::default();
    let mut to_reference: [Vec<f32>; 2] = Default::default();
    for line in pairs.lines().skip(1).take(600).step_by(2) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (a, b, same) = match words.as_slice() {
            [person, a, b] => (photo(person, a), photo(person, b), true),
            [one, a, other, b] => (photo(one, a), photo(other, b), false),
            _ => continue,
        };
        let (Some(a), Some(b)) = (a, b) else { continue };
        let pair = |at: usize| -> f32 { Embedding::score(&a[at], &b[at]) };
        (0..3).for_each(|at| scores[at].push((pair(at), same)));
        for (at, list) in to_reference.iter_mut().enumerate() {
            list.extend([&a, &b].map(|vectors| vectors[0].score(&vectors[at + 1])));
        }
    }
    for (name, scores) in ["LFW as it is", "bilinear", "mip"].iter().zip(&scores) {
        let best =
            scores.iter().map(|(at, _)| scores.iter().filter(|(s, same)| (s >= at) == *same).count()).max().unwrap();
        println!("{name}: {best} of {} pairs right at the best threshold", scores.len());
    }
    for (name, values) in ["bilinear", "mip"].iter().zip(&to_reference) {
        let least = values.iter().copied().fold(1.0, f32::min);
        println!(
            "{name}: to the crop of the photo as it is, mean {:.4}, least {least:.4}, {} faces",
            values.iter().sum::<f32>() / values.len() as f32,
            values.len()
        );
    }
}
