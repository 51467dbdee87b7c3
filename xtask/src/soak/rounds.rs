//! One round after the other: files are disturbed, enrolled, people are named, and all is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::archive::Archive;
use super::model::{Content, ListedFace, Model, Said, differences};
use super::program::{Ended, Program, SmallDisk};
use super::random::Random;
use crate::failure::{Failure, Result};

const MODELS: [&str; 4] = ["mobilefacenet-192", "mobilefacenet-192-covered", "dlib-resnet-v1", "dlib-resnet-covered"];

/// What befalls a command.
#[derive(Clone, Copy)]
enum Trouble {
    Kill { after: Duration },
    FullDisk { left: u64 },
}

pub struct Soak {
    program: Program,
    archive: Archive,
    disk: Option<SmallDisk>,
    random: Random,
    model: Model,
    /// Which content each face was found on: a face keeps its id, and an id its face.
    content_of: BTreeMap<i64, Content>,
    next_name: u64,
    pub rounds: u64,
    done: BTreeMap<&'static str, u64>,
}

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|word| (*word).to_owned()).collect()
}

impl Soak {
    pub fn new(program: Program, archive: Archive, disk: Option<SmallDisk>, random: Random) -> Self {
        Self {
            program,
            archive,
            disk,
            random,
            model: Model::default(),
            content_of: BTreeMap::new(),
            next_name: 1,
            rounds: 0,
            done: BTreeMap::new(),
        }
    }

    pub fn told(&self) -> String {
        let done: Vec<String> = self.done.iter().map(|(what, n)| format!("{what} {n}")).collect();
        format!("{} rounds: {}", self.rounds, done.join(", "))
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    pub fn round(&mut self) -> Result<()> {
        self.rounds += 1;
        self.program.say(&format!("== round {}", self.rounds));
        let files = self.archive.files()?.len();
        let adds = if self.rounds == 1 { 20 } else { self.random.below(if files > 50 { 2 } else { 5 }) };
        for _ in 0..adds {
            let told = self.archive.add(&mut self.model, &mut self.random)?;
            self.program.say(&told);
        }
        if self.rounds > 1 {
            for _ in 0..self.random.below(4) {
                let told = self.archive.disturb(&mut self.model, &mut self.random)?;
                self.program.say(&told);
                self.count("disturbed files");
            }
        }
        self.enroll()?;
        self.check(false)?;
        for _ in 0..1 + self.random.below(4) {
            self.say_something()?;
        }
        match self.random.below(10) {
            0 => self.use_model()?,
            1 => self.build_index()?,
            2 => self.forget_embeddings()?,
            _ => {}
        }
        let said = self.model.said.clone();
        self.compare(&said)?;
        self.check(true)
    }

    /// Trouble for a command, now and then.
    fn trouble(&mut self, one_in: usize) -> Option<Trouble> {
        if self.disk.is_some() && self.random.chance(one_in * 2) {
            return Some(Trouble::FullDisk { left: 1 << (12 + self.random.below(9)) });
        }
        self.random.chance(one_in).then(|| Trouble::Kill { after: Duration::from_millis(self.random.next() % 1200) })
    }

    /// Runs a command. What trouble cut short has happened or has not.
    fn run(&mut self, line: &[String], trouble: Option<Trouble>) -> Result<Ended> {
        let marked = match trouble {
            None => String::new(),
            Some(Trouble::Kill { .. }) => "  (to be killed)".to_owned(),
            Some(Trouble::FullDisk { left }) => format!("  (the disk is full but for {left} bytes)"),
        };
        self.program.say(&format!("likeness {}{marked}", line.join(" ")));
        let ended = match (trouble, &self.disk) {
            (Some(Trouble::FullDisk { left }), Some(disk)) => {
                disk.fill(left)?;
                let ended = self.program.run(line, None);
                disk.relieve()?;
                self.count("full disks");
                match ended? {
                    Ended::Refused(reason) => {
                        self.program.say(&format!("  {}", reason.trim()));
                        Ended::CutShort
                    }
                    ended => ended,
                }
            }
            (Some(Trouble::Kill { after }), _) => self.program.run(line, Some(after))?,
            _ => self.program.run(line, None)?,
        };
        if matches!(ended, Ended::CutShort) {
            self.count("commands cut short");
            self.program.say("  cut short");
        }
        Ok(ended)
    }

    /// Enrolls the archive to the end, whatever happens on the way.
    fn enroll(&mut self) -> Result<()> {
        let line = words(&["enroll", &self.archive.root.display().to_string()]);
        self.count("enrollments");
        let trouble = self.trouble(4);
        match self.run(&line, trouble)? {
            Ended::Well(_) => {}
            Ended::CutShort => {
                // What was cut short goes on.
                let again = if self.random.chance(2) { words(&["enroll"]) } else { line.clone() };
                match self.run(&again, None)? {
                    Ended::Refused(reason) if reason.contains("nothing to do") => {}
                    Ended::Refused(reason) => return Err(Failure::new(reason)),
                    _ => {}
                }
                self.program.must(&line)?;
            }
            Ended::Refused(reason) => return Err(Failure::new(format!("the enrollment failed: {reason}"))),
        }
        let files = self.archive.files()?;
        let removed = self.model.said.removed.clone();
        self.model.enrolled.extend(files.values().filter(|content| !removed.contains(*content)));
        self.learn_faces(&files)
    }

    /// Which face stands on which content: an id that was seen before must be where it was.
    fn learn_faces(&mut self, files: &BTreeMap<PathBuf, Content>) -> Result<()> {
        let mut known: BTreeMap<Content, i64> = BTreeMap::new();
        for (face, content) in &self.content_of {
            known.insert(*content, *face);
        }
        for listed in self.list()? {
            let Some(content) = files.get(&PathBuf::from(&listed.path)).filter(|_| !listed.missing) else { continue };
            if self.model.overwritten.contains(content) {
                self.content_of.entry(listed.face).or_insert(*content);
                continue;
            }
            match (self.content_of.get(&listed.face), known.get(content)) {
                (Some(before), _) if before == content => {}
                (Some(before), _) if !self.model.overwritten.contains(before) => {
                    let text = format!("face {} stood on content {before} and stands on {content}", listed.face);
                    return Err(Failure::new(text));
                }
                (_, Some(other)) if *other != listed.face => {
                    let text = format!("content {content} had face {other} and has face {}", listed.face);
                    return Err(Failure::new(text));
                }
                _ => {
                    self.content_of.insert(listed.face, *content);
                }
            }
        }
        Ok(())
    }

    fn list(&self) -> Result<Vec<ListedFace>> {
        let lines = self.program.must(&words(&["faces"]))?;
        let face = |line: &Value| ListedFace {
            face: line["face"].as_i64().unwrap_or_default(),
            path: line["photo"].as_str().unwrap_or_default().to_owned(),
            subject: line["subject"]["id"]
                .as_i64()
                .map(|id| (id, line["subject"]["name"].as_str().unwrap_or_default().to_owned())),
            missing: line["missing"].as_bool().unwrap_or_default(),
        };
        Ok(lines.iter().filter(|line| line["face"].is_i64()).map(face).collect())
    }

    fn people(&self) -> Result<BTreeMap<i64, String>> {
        let lines = self.program.must(&words(&["people"]))?;
        let person = |line: &Value| Some((line["id"].as_i64()?, line["name"].as_str()?.to_owned()));
        Ok(lines.iter().filter(|line| line["type"] == "person").filter_map(person).collect())
    }

    fn with_contents(&self, listed: Vec<ListedFace>) -> Vec<(Content, ListedFace)> {
        listed.into_iter().filter_map(|face| Some((*self.content_of.get(&face.face)?, face))).collect()
    }

    /// What is listed against what should be.
    fn off(&self, said: &Said) -> Result<Vec<String>> {
        let mut off = differences(&self.model, said, &self.with_contents(self.list()?));
        let people = self.people()?;
        if people != said.subjects {
            off.push(format!("there are {people:?} and should be {:?}", said.subjects));
        }
        Ok(off)
    }

    fn compare(&self, said: &Said) -> Result<()> {
        match self.off(said)?.as_slice() {
            [] => Ok(()),
            off => Err(Failure::new(off.join("\n"))),
        }
    }

    /// A photo that was brought back since the last enrollment may have lost its file while it was out.
    fn check(&mut self, may_miss_files: bool) -> Result<()> {
        self.count("checks");
        match self.program.run(&words(&["check"]), None)? {
            Ended::Well(_) => Ok(()),
            Ended::CutShort => Err(Failure::new("killed without having been asked to".to_owned())),
            Ended::Refused(reason) => {
                let said = self.program.said_last();
                let is_off =
                    |line: &&str| line.contains("check_finding") && !(may_miss_files && line.contains("missing_file"));
                match said.lines().find(is_off) {
                    None if may_miss_files => Ok(()),
                    _ => Err(Failure::new(format!("{reason}\n{said}"))),
                }
            }
        }
    }

    fn use_model(&mut self) -> Result<()> {
        let name = MODELS[self.random.below(MODELS.len())];
        let trouble = self.trouble(3);
        self.count("changes of model");
        match self.run(&words(&["models", "use", name]), trouble)? {
            Ended::Refused(reason) => Err(Failure::new(reason)),
            Ended::Well(_) | Ended::CutShort => Ok(()),
        }
    }

    /// After it the gallery's file is rewritten without what was deleted.
    fn forget_embeddings(&mut self) -> Result<()> {
        let name = MODELS[self.random.below(MODELS.len())];
        let trouble = self.trouble(3);
        self.count("embeddings forgotten");
        match self.run(&words(&["models", "remove", name, "--embeddings-only"]), trouble)? {
            Ended::Refused(reason) if !reason.contains("in use") => Err(Failure::new(reason)),
            _ => Ok(()),
        }
    }

    fn build_index(&mut self) -> Result<()> {
        let spec = ["Flat", "IVF4,Flat", "HNSW16,Flat", "labelled"][self.random.below(4)];
        let trouble = self.trouble(3);
        self.count("index builds");
        match self.run(&words(&["index", "build", spec]), trouble)? {
            Ended::Refused(reason) if spec == "Flat" => Err(Failure::new(reason)),
            Ended::Refused(reason) => {
                self.program.say(&format!("  {}", reason.trim()));
                Ok(())
            }
            Ended::Well(_) | Ended::CutShort => Ok(()),
        }
    }

    /// One thing that a person says, or takes back.
    fn say_something(&mut self) -> Result<()> {
        let faces = self.with_contents(self.list()?);
        let sound: Vec<&(Content, ListedFace)> =
            faces.iter().filter(|(content, _)| !self.model.overwritten.contains(content)).collect();
        if sound.is_empty() {
            return Ok(());
        }
        let (content, face) = sound[self.random.below(sound.len())];
        let picture = self.model.pictures.get(content).copied().unwrap_or_default();
        let mut after = self.model.said.clone();
        let same_picture: Vec<i64> = after
            .subjects
            .iter()
            .filter(|(_, name)| Model::picture_of_name(name) == Some(picture))
            .map(|(id, _)| *id)
            .collect();
        let id = face.face.to_string();
        let choice = self.random.below(24);
        let (what, line): (&'static str, Vec<String>) = match choice {
            0..=6 => {
                let name = Model::name_of(picture, self.next_name);
                self.next_name += 1;
                return self.name_new(*content, &id, name);
            }
            7..=9 if !same_picture.is_empty() => {
                let subject = same_picture[self.random.below(same_picture.len())];
                after.who.insert(*content, Some(subject));
                ("namings", words(&["name", &id, "--subject", &subject.to_string()]))
            }
            10 => {
                after.who.insert(*content, None);
                ("namings", words(&["name", &id, "--nobody"]))
            }
            11 if !same_picture.is_empty() => {
                let subject = same_picture[self.random.below(same_picture.len())];
                let name = Model::name_of(picture, self.next_name);
                self.next_name += 1;
                after.subjects.insert(subject, name.clone());
                ("renamings", words(&["describe", &format!("#{subject}"), "--name", &name]))
            }
            12 if same_picture.len() >= 2 => {
                let (from, into) = (same_picture[0], same_picture[1 + self.random.below(same_picture.len() - 1)]);
                after.subjects.remove(&from);
                after.who.values_mut().filter(|who| **who == Some(from)).for_each(|who| *who = Some(into));
                ("merges", words(&["merge", &format!("#{from}"), "--into", &format!("#{into}")]))
            }
            13..=16 => return self.turn(true),
            17 | 18 => return self.turn(false),
            19 => {
                after.removed.insert(*content);
                ("removals", words(&["remove", "face", &id, "--yes"]))
            }
            20 if !face.missing => {
                after.removed.insert(*content);
                ("removals", words(&["remove", "photo", &face.path, "--yes"]))
            }
            21 => return self.restore(),
            22 => return self.answer(),
            23 if self.random.chance(3) => return self.purge(),
            _ => return Ok(()),
        };
        self.count(what);
        let is_same = after == self.model.said;
        self.change(&line, after, is_same)
    }

    /// A change whose outcome is known beforehand; killed, it has happened or not.
    fn change(&mut self, line: &[String], after: Said, is_same: bool) -> Result<()> {
        let trouble = self.trouble(7);
        match self.run(line, trouble)? {
            Ended::Well(lines) => {
                let is_change = lines.iter().any(|line| line["type"] == "change" && line["batch"].is_i64());
                // What is so already and a person has not said yet becomes a person's word: a change all the same.
                if is_change {
                    self.model.say(after.clone());
                } else if !is_same {
                    return Err(Failure::new(format!("likeness {} changed nothing", line.join(" "))));
                }
            }
            Ended::Refused(reason) => return Err(Failure::new(format!("likeness {}: {reason}", line.join(" ")))),
            Ended::CutShort => {
                if is_same {
                    // Whether it is on the record cannot be seen: what could be undone is not known any more.
                    self.model.undo.clear();
                    self.model.redo.clear();
                } else if self.off(&after)?.is_empty() {
                    self.model.say(after.clone());
                }
            }
        }
        let said = self.model.said.clone();
        self.compare(&said)
    }

    fn name_new(&mut self, content: Content, face: &str, name: String) -> Result<()> {
        self.count("namings");
        let trouble = self.trouble(7);
        let line = words(&["name", face, "--new", &name]);
        let ended = self.run(&line, trouble)?;
        if let Ended::Refused(reason) = &ended {
            return Err(Failure::new(format!("likeness {}: {reason}", line.join(" "))));
        }
        let subject = self.people()?.into_iter().find(|(_, known)| *known == name).map(|(id, _)| id);
        match subject {
            Some(subject) => {
                let mut after = self.model.said.clone();
                after.subjects.insert(subject, name);
                after.who.insert(content, Some(subject));
                self.model.say(after);
            }
            None if matches!(ended, Ended::CutShort) => {}
            None => return Err(Failure::new(format!("there is nobody called {name}"))),
        }
        let said = self.model.said.clone();
        self.compare(&said)
    }

    /// Undo, or redo.
    fn turn(&mut self, back: bool) -> Result<()> {
        let Some(after) = (if back { self.model.undone() } else { self.model.redone() }) else { return Ok(()) };
        let verb = if back { "undo" } else { "redo" };
        self.count(if back { "undone" } else { "redone" });
        let trouble = self.trouble(7);
        let happened = match self.run(&words(&[verb]), trouble)? {
            Ended::Well(_) => true,
            Ended::Refused(reason) => return Err(Failure::new(format!("{verb}: {reason}"))),
            Ended::CutShort if after == self.model.said => {
                self.model.undo.clear();
                self.model.redo.clear();
                false
            }
            Ended::CutShort => self.off(&after)?.is_empty(),
        };
        match (happened, back) {
            (true, true) => self.model.take_back(),
            (true, false) => self.model.make_again(),
            _ => {}
        }
        let said = self.model.said.clone();
        self.compare(&said)
    }

    fn restore(&mut self) -> Result<()> {
        let gone = self.program.must(&words(&["restore"]))?;
        let gone: Vec<&Value> = gone.iter().filter(|line| line["type"] == "gone").collect();
        let Some(line) = self.random.pick(&gone).copied() else { return Ok(()) };
        let (flag, id) = match line["face"].as_i64() {
            Some(face) => ("--face", face),
            None => ("--photo", line["photo_id"].as_i64().unwrap_or_default()),
        };
        self.count("restored");
        let trouble = self.trouble(7);
        if let Ended::Refused(reason) = self.run(&words(&["restore", flag, &id.to_string()]), trouble)? {
            return Err(Failure::new(format!("restore: {reason}")));
        }
        // What came back is seen; it must be something that was taken out.
        let listed: BTreeSet<Content> =
            self.with_contents(self.list()?).into_iter().map(|(content, _)| content).collect();
        let mut after = self.model.said.clone();
        after.removed.retain(|content| !listed.contains(content));
        if after != self.model.said {
            self.model.say(after);
        }
        let said = self.model.said.clone();
        self.compare(&said)
    }

    fn answer(&mut self) -> Result<()> {
        let questions = self.program.must(&words(&["questions"]))?;
        let questions: Vec<&Value> = questions.iter().filter(|line| line["type"] == "question").collect();
        let Some(question) = self.random.pick(&questions).copied() else { return Ok(()) };
        let face = question["face"].as_i64().unwrap_or_default();
        let Some(content) = self.content_of.get(&face).copied() else { return Ok(()) };
        let subject = question["subject"]["id"].as_i64().unwrap_or_default();
        let name = question["subject"]["name"].as_str().unwrap_or_default();
        let same = Model::picture_of_name(name) == self.model.pictures.get(&content).copied();
        let mut after = self.model.said.clone();
        if same {
            after.who.insert(content, Some(subject));
        }
        self.count("answers");
        let is_same = after == self.model.said;
        self.change(&words(&["answer", &face.to_string(), if same { "yes" } else { "no" }]), after, is_same)
    }

    /// What is purged is forgotten: a file that is still there is a new photo.
    fn purge(&mut self) -> Result<()> {
        self.count("purges");
        let trouble = self.trouble(4);
        self.run(&words(&["purge", "--yes"]), trouble)?;
        self.program.must(&words(&["purge", "--yes"]))?;
        let removed = std::mem::take(&mut self.model.said.removed);
        for content in &removed {
            self.model.said.who.remove(content);
            // A photo that lost a face alone is unchanged and keeps without it; one that went comes anew.
            self.model.overwritten.insert(*content);
            self.model.enrolled.remove(content);
        }
        self.content_of.retain(|_, content| !removed.contains(content));
        self.model.undo.clear();
        self.model.redo.clear();
        let said = self.model.said.clone();
        self.compare(&said)
    }
}
