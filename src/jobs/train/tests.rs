use super::prepare::crop_set;
use super::*;
use crate::jobs::Mode;
use crate::jobs::pipeline::decode_params;
use crate::train::crops::{CropList, PhotoEntry};
use crate::train::losses::ClassLoss;
use crate::train::optimizer::OptimizerSpec;
use crate::train::precision::Precision;
use crate::train::schedule::Decay;
use crate::vision::align::Template;
use crate::vision::decode::open_photo;
use crate::vision::minify::Minify;
use crate::vision::weights_dir;

use std::fs;
use std::sync::Mutex;

/// Small copies of the sample photos: `people/NAME/N.jpg`.
fn album(root: &Path, photos: &[(&str, &str)]) -> PathBuf {
    let samples = weights_dir().parent().unwrap().join("samples");
    let folder = root.join("people");
    for (sample, to) in photos {
        let picture = image::open(samples.join(sample)).unwrap().to_rgb8();
        let height = 260 * picture.height() / picture.width();
        let small = image::imageops::resize(&picture, 260, height, image::imageops::FilterType::Triangle);
        let to = folder.join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        small.save(&to).unwrap();
    }
    folder
}

const TWO_PEOPLE: [(&str, &str); 3] =
    [("obama.jpg", "obama/1.png"), ("obama2.jpg", "obama/2.png"), ("biden.jpg", "biden/1.png")];

fn engine(home: &Path) -> Engine {
    Engine::open(Some(home), Mode::Read, None).unwrap()
}

fn request(root: &Path, photos: PathBuf) -> TrainRequest {
    TrainRequest {
        out: root.join("run"),
        name: None,
        photos,
        crops: None,
        architecture: Architecture::MobileFaceNet,
        d: Some(32),
        from: None,
        mean: None,
        std: None,
        teacher: None,
        part: TrainPart::All,
        min_photos: 1,
        plan: Plan {
            epochs: 1,
            batch: 3,
            accumulate: 1,
            learning_rate: 1e-3,
            warm_up: 0.0,
            decay: Decay::Constant,
            max_gradient: 5.0,
            precision: Precision::Fp32,
            seed: 1,
            optimizer: OptimizerSpec::adamw(0.01),
        },
        objective: Objective {
            regression: 0.0,
            relational: 0.0,
            class_weight: 1.0,
            class: ClassLoss::ArcFace { scale: 16.0, margin: 0.3 },
        },
        augment: AugmentSpec::light(),
        hold_out: None,
        duplicates: DuplicateRule::default(),
        half: false,
        detector: DetectorParams::default(),
    }
}

#[test]
fn crops_are_cut_once_and_again_where_photos_or_templates_change() {
    let home = tempfile::tempdir().unwrap();
    let photos = album(home.path(), &TWO_PEOPLE);
    fs::write(photos.join("biden/broken.jpg"), b"\xff\xd8\xff\xe0 and no more").unwrap();
    image::RgbImage::from_pixel(200, 200, image::Rgb([90, 120, 200])).save(photos.join("biden/sky.png")).unwrap();
    let mtcnn = engine(home.path()).mtcnn().unwrap();
    let folder = home.path().join("crops");
    let dlib = Template::arcface_of_size([150, 150]);
    let prepare = |templates: &[Template]| {
        let cuttings: Vec<Cutting> = templates.iter().map(|template| (*template).into()).collect();
        let events = Mutex::new(Vec::new());
        let sink = |event: TrainEvent| events.lock().unwrap().push(event);
        let control = JobControl::default();
        let told = Told::new(&control, &sink);
        let set = crop_set(&mtcnn, &photos, &folder, &DetectorParams::default(), &cuttings, &control, &told).unwrap();
        let events = events.into_inner().unwrap();
        let issues = events.iter().filter(|event| matches!(event, TrainEvent::Issue { .. })).count();
        let worked = events.iter().any(|event| matches!(event, TrainEvent::Progress(_)));
        (set, issues, worked)
    };
    let (set, issues, worked) = prepare(&[Template::ARCFACE]);
    assert_eq!((set.list.photos.len(), set.packs[0].len(), issues, worked), (5, 3, 2, true));
    let reasons: Vec<&str> = set.list.photos.iter().filter_map(|photo| photo.issue.as_deref()).collect();
    assert!(reasons.contains(&"no face was found"), "{reasons:?}");
    // Nothing has changed: nothing is done, and the issues are told again.
    let (again, issues, worked) = prepare(&[Template::ARCFACE]);
    assert_eq!((again.list == set.list, issues, worked), (true, 2, false));
    // Another template is cut from the same faces.
    let (both, _, worked) = prepare(&[Template::ARCFACE, dlib]);
    assert!(worked && both.list == set.list);
    assert_eq!((both.packs[1].len(), both.packs[1].size()), (3, [150, 150]));
    let crop = both.packs[0].crop(0).unwrap();
    assert!(!prepare(&[dlib]).2);
    // One photo less is another set of the same crops.
    fs::remove_file(photos.join("biden/1.png")).unwrap();
    let (fewer, _, worked) = prepare(&[Template::ARCFACE]);
    assert!(worked && fewer.list.digest_text() != set.list.digest_text());
    assert_eq!(fewer.packs[0].len(), 2);
    assert!(
        crop != fewer.packs[0].crop(0).unwrap() && set.packs[0].crop(1).unwrap() == fewer.packs[0].crop(0).unwrap()
    );
}

#[test]
fn photos_are_searched_again_where_the_machine_was_to_blame_or_they_changed_and_kept_their_date() {
    let home = tempfile::tempdir().unwrap();
    let photos = album(home.path(), &TWO_PEOPLE);
    let mtcnn = engine(home.path()).mtcnn().unwrap();
    let (folder, detector) = (home.path().join("crops"), DetectorParams::default());
    let prepare = || {
        let control = JobControl::default();
        let told = Told::new(&control, &|_| {});
        let set = crop_set(&mtcnn, &photos, &folder, &detector, &[Template::ARCFACE.into()], &control, &told);
        set.unwrap().list
    };
    let whole = prepare();
    let faces = whole.faces().count();
    assert_eq!(faces, whole.photos.len());
    // As a run leaves it that met a missing library, and one that met a broken photo.
    for (may_pass, expected) in [(true, faces), (false, faces - 1)] {
        let mut entries = whole.photos.clone();
        entries[0] = PhotoEntry { landmarks: None, issue: Some("trouble".to_owned()), may_pass, ..entries[0].clone() };
        CropList::write(&folder, detector, entries).unwrap();
        assert_eq!(prepare().faces().count(), expected, "may pass: {may_pass}");
    }

    let photo = photos.join(&whole.photos[1].path);
    let modified = fs::metadata(&photo).unwrap().modified().unwrap();
    let bytes = fs::read(&photo).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(&photo, vec![0; bytes.len()]).unwrap();
    fs::File::options().write(true).open(&photo).unwrap().set_modified(modified).unwrap();
    assert!(prepare().photos[1].issue.is_some());
}

#[test]
fn crops_are_cut_as_the_manifest_says() {
    let home = tempfile::tempdir().unwrap();
    let photos = home.path().join("photos");
    fs::create_dir(&photos).unwrap();
    let portrait = image::open(weights_dir().parent().unwrap().join("samples/obama.jpg")).unwrap();
    portrait.resize(1500, 1500, image::imageops::FilterType::Triangle).to_rgb8().save(photos.join("1.png")).unwrap();
    let mtcnn = engine(home.path()).mtcnn().unwrap();
    let control = JobControl::default();
    let told = Told::new(&control, &|_| {});
    let cuttings = [Minify::Mip, Minify::Bilinear].map(|minify| Cutting { template: Template::ARCFACE, minify });
    let set =
        crop_set(&mtcnn, &photos, &home.path().join("crops"), &DetectorParams::default(), &cuttings, &control, &told);
    let set = set.unwrap();
    let landmarks = set.list.photos[0].landmarks.unwrap();
    let open = open_photo(fs::read(photos.join("1.png")).unwrap(), &decode_params(&DetectorParams::default())).unwrap();
    for (pack, cutting) in set.packs.iter().zip(&cuttings) {
        let expected = open.crop(&landmarks, &cutting.template, cutting.minify).unwrap();
        assert!(pack.crop(0).unwrap() == expected, "{:?}", cutting.minify);
    }
    assert!(set.packs[0].crop(0).unwrap() != set.packs[1].crop(0).unwrap(), "the face is large");
}

#[test]
fn what_cannot_be_trained_on_is_told_and_leaves_no_run() {
    let home = tempfile::tempdir().unwrap();
    let photos = album(home.path(), &TWO_PEOPLE[..2]);
    let engine = engine(home.path());
    let machine = Machine { device: Some("cpu".to_owned()), threads: Some(1) };
    let told = |change: &dyn Fn(&mut TrainRequest)| {
        let mut request = request(home.path(), photos.clone());
        change(&mut request);
        let _alone = crate::train::sample::generator();
        let run = run_training(&engine, &request, &machine, &JobControl::default(), &|_| {});
        assert!(!request.out.join(SPEC_FILE).exists());
        run.unwrap_err().to_string()
    };
    assert!(told(&|_| {}).contains("train-one-person"));
    assert!(told(&|r| r.photos = home.path().join("nowhere")).contains("nowhere"));
    assert!(told(&|r| r.teacher = Some("nobody".to_owned())).contains("nobody"));
    assert!(told(&|r| r.from = Some("nobody".to_owned())).contains("nobody"));
    assert!(told(&|r| r.plan.epochs = 0).contains("--epochs"));
    assert!(told(&|r| r.plan.precision = Precision::Mixed).contains("train-mixed-on-cpu"));
    assert!(told(&|r| r.hold_out = Some("none.txt:1".parse().unwrap())).contains("none.txt"));
    let empty = home.path().join("empty");
    fs::create_dir(&empty).unwrap();
    assert!(told(&|r| r.photos.clone_from(&empty)).contains("train-no-photos"));
    let missing = resume_training(&engine, &home.path().join("run"), &machine, &JobControl::default(), &|_| {});
    assert!(missing.unwrap_err().to_string().contains("no run"));
}

#[test]
fn a_teacher_of_another_size_teaches_and_its_embeddings_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let photos = album(home.path(), &TWO_PEOPLE);
    let engine = engine(home.path());
    let machine = Machine { device: Some("cpu".to_owned()), threads: Some(2) };
    let mut request = request(home.path(), photos);
    request.teacher = Some("dlib-resnet-covered".to_owned());
    request.objective = Objective { regression: 1.0, relational: 1.0, class_weight: 0.0, ..request.objective };
    request.augment.masked = 0.5;
    request.half = true;
    let stages = Mutex::new(Vec::new());
    let sink = |event: TrainEvent| match event {
        TrainEvent::Progress(progress) => stages.lock().unwrap().push(progress.stage),
        TrainEvent::Note(text) => stages.lock().unwrap().push(Box::leak(text.code.into_owned().into_boxed_str())),
        _ => {}
    };
    let _alone = crate::train::sample::generator();
    let summary = run_training(&engine, &request, &machine, &JobControl::default(), &sink).unwrap();
    assert_eq!((summary.faces, summary.steps, summary.name.as_str()), (3, 1, "run"));
    let taught = |stages: &[&str]| stages.contains(&"Embedding by the teacher");
    assert!(taught(&stages.lock().unwrap()));
    assert!(stages.lock().unwrap().contains(&"train-teacher-longer"), "{stages:?}");
    assert!(summary.model.is_file());
    let manifest = fs::read_to_string(summary.model.with_file_name("manifest.toml")).unwrap();
    let manifest = crate::vision::manifest::ModelManifest::parse(&manifest, "trained").unwrap();
    assert!(manifest.licence.contains("dlib-resnet-covered"), "{}", manifest.licence);
    assert!(manifest.source.contains("distill --teacher dlib-resnet-covered"), "{}", manifest.source);
    assert!(manifest.source.ends_with("--half"), "{}", manifest.source);
    let bytes = fs::read(&summary.model).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert!(file.tensors().iter().all(|(_, tensor)| tensor.dtype() == safetensors::Dtype::F16));

    // A second run on the same crops finds the teacher's embeddings there.
    stages.lock().unwrap().clear();
    let second =
        TrainRequest { out: home.path().join("second"), crops: Some(home.path().join("run/crops")), ..request };
    run_training(&engine, &second, &machine, &JobControl::default(), &sink).unwrap();
    assert!(!taught(&stages.lock().unwrap()), "{stages:?}");
    let again = run_training(&engine, &second, &machine, &JobControl::default(), &|_| {}).unwrap_err();
    assert!(again.to_string().contains("train-run-there"), "{again}");
}

/// The model that comes with the program is of another form than fresh networks of its architecture.
#[test]
fn a_run_goes_on_in_the_form_that_it_began_with() {
    let home = tempfile::tempdir().unwrap();
    let photos = album(home.path(), &TWO_PEOPLE);
    let engine = engine(home.path());
    let machine = Machine { device: Some("cpu".to_owned()), threads: Some(2) };
    let start = home.path().join("start.safetensors");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/mobilefacenet-192-covered.safetensors");
    fs::copy(&shipped, &start).unwrap();
    let mut request = request(home.path(), photos);
    request.architecture = Architecture::MobileFaceNetFpn;
    (request.d, request.from) = (None, Some(start.display().to_string()));
    let _alone = crate::train::sample::generator();
    let summary = run_training(&engine, &request, &machine, &JobControl::default(), &|_| {}).unwrap();
    let resume = || resume_training(&engine, &request.out, &machine, &JobControl::default(), &|_| {});
    let spec = request.out.join(SPEC_FILE);
    let text = fs::read_to_string(&spec).unwrap();
    assert!(text.contains("tensorflow"), "{text}");
    // What it began with is gone, or another file: the checkpoint has all that counts.
    fs::remove_file(&start).unwrap();
    assert_eq!(resume().unwrap().steps, summary.steps);
    fs::write(&start, b"no weights at all").unwrap();
    assert_eq!(resume().unwrap().steps, summary.steps);
    // As an earlier version wrote it.
    fs::copy(&shipped, &start).unwrap();
    let mut old: toml::Table = text.parse().unwrap();
    assert!(old.remove("form").is_some() && old.remove("duplicates").is_some());
    fs::write(&spec, toml::to_string(&old).unwrap()).unwrap();
    assert_eq!(resume().unwrap().steps, summary.steps);
    // From its beginning, with weights of another form.
    fs::remove_file(request.out.join(CHECKPOINT_FILE)).unwrap();
    fs::write(&spec, text.replace("tensorflow", "named")).unwrap();
    let message = resume().unwrap_err().to_string();
    assert!(message.contains("train-other-form") && message.contains("start.safetensors"), "{message}");
}
