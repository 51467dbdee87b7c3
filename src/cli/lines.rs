//! What `--json` prints: one object a line, each with its `type`. `likeness --schema` tells them all.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::output::Told;

/// A line each: its `type`, in capitals here, and what is told. So every command knows its own lines alone.
macro_rules! lines {
    ($lifetime:lifetime: $($(#[$doc:meta])* $name:ident: $line:ty;)*) => {
        /// A line of what `likeness --json` prints. Which one it is stands in `type`; keys may be added later, and none changes its
        /// meaning.
        #[derive(Debug, JsonSchema, Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        #[schemars(title = "A line that likeness prints with --json")]
        enum Line<$lifetime> {
            $($(#[$doc])* $name(&$lifetime $line),)*
        }

        $(
            impl<$lifetime> Told for $line {
                fn to_json(&self) -> serde_json::Result<String> {
                    serde_json::to_string(&Line::$name(self))
                }
            }
        )*
    };
}

lines! { 'a:
    /// Why the command could not go through. The last line of its output.
    Error: super::line::ErrorLine;
    /// How far the command is. At most five a second.
    Progress: super::line::ProgressLine;
    /// A photo, or a folder, that could not be worked on. The command goes on.
    Issue: super::line::IssueLine;
    /// A file that was written.
    Written: super::line::FilePath;
    /// `enroll`: what it did. The last line.
    Enrolled: crate::jobs::EnrollSummary;
    /// `detect`, `embed`: the faces on a photo.
    Photo: super::photos::AnalysisLine;
    /// `search`: a face of a probe and its candidates.
    Search: super::search::SearchLine;
    /// `status`
    Status: super::status::StatusLine;
    /// `check`: one thing that is off.
    CheckFinding: super::check::FindingLine;
    /// `check`: the counts. The last line, but for an error.
    Check: super::check::CheckLine;
    /// `faces`
    Face: super::identity::FaceLine;
    /// `people`, `people list`, `people show`
    Person: super::identity::PersonLine;
    /// `people list --filter groups`: faces without a name.
    Group: super::identity::GroupLine;
    /// `people list --filter ignored`: a face that was set aside.
    Ignored: super::identity::IgnoredLine;
    /// `people show`: a face, the odd ones first.
    PersonFace: super::identity::PersonFaceLine;
    /// `people suggest`
    Suggestion: super::identity::SuggestionLine;
    /// `people alarms`
    Alarm: super::identity::AlarmLine;
    /// `people regroup`: what became of the person.
    Regrouped: super::identity::RegroupedLine;
    /// `people group`: what it came to.
    Grouped: crate::jobs::GroupSummary;
    /// `history`: a change of the record of who is who.
    History: super::identity::HistoryLine;
    /// `name`, `describe`, `merge`, `answer`, `remove`, `restore`, `undo`, `redo`, `people name|merge|split|ignore|settle`,
    /// `faces assign|reject|ignore|notice|leave-group`: what was changed.
    Change: super::identity::ChangeLine;
    /// `questions`
    Question: super::identity::QuestionLine;
    /// `remove`, `purge` without `--yes`: what it would do.
    ToConfirm: super::identity::ToConfirmLine;
    /// `restore` without arguments: a face or a photo that was taken out.
    Gone: super::identity::GoneLine;
    /// `purge`: what was deleted for ever.
    Purged: super::identity::PurgedLine;
    /// `missing`: a photo whose file is gone.
    Missing: super::identity::MissingLine;
    /// `regions import --dry-run`: a face that would get a name.
    RegionName: super::regions::RegionNameLine;
    /// `regions import`: what is left to a person.
    RegionRemark: super::regions::RegionRemarkLine;
    /// `regions import`: what it did. The last line.
    RegionsImported: crate::jobs::RegionsImported;
    /// `regions export`: a face and whose it is; `regions import --names` reads these lines.
    NamedFace: super::regions::NamedFaceLine;
    /// `regions export --sidecars`: what it did. The last line.
    RegionsExported: crate::jobs::RegionsExported;
    /// `models list`, `models import`
    Model: super::models::ModelLine;
    /// `models verify`
    ModelVerified: super::models::VerifiedLine;
    /// `models use`: the change of the model.
    ModelInUse: crate::jobs::ChangeSummary;
    /// `models remove`
    ModelRemoved: super::models::RemovedLine;
    /// `models speed`
    ModelSpeed: super::models::SpeedLine;
    /// `index`: the index in use.
    Index: crate::types::IndexOverview;
    /// `index list`: a published generation.
    Generation: super::index::GenerationLine<'a>;
    /// `index presets`
    Preset: super::index::PresetLine;
    /// `index advise`
    Advice: super::index::AdviceLine<'a>;
    /// `tune`: a measured point.
    Point: crate::types::OperatingPoint;
    /// `tune --goal-recall`: the point chosen.
    PointFound: super::tune::FoundLine;
    /// `tune`: a spec that could not be built.
    SpecIssue: super::tune::SpecIssueLine;
    /// `bench search`: a measured point.
    BenchPoint: super::bench::BenchPointLine<'a>;
    /// `bench search`: what it was measured on. The last line.
    Bench: crate::jobs::tuning::BenchSummary;
    /// `synth`
    Synth: super::synth::SynthLine;
    /// `train`: a line of the run's log.
    TrainStep: crate::types::TrainRecord;
    /// `train`: what the run came to. The last line.
    Trained: super::train::TrainedLine;
    /// `eval lfw`: 1:1 with one network under one condition.
    Verification: super::evaluate::VerificationLine<'a>;
    /// `eval search`: 1:N with one network under one condition.
    Identification: super::evaluate::IdentificationLine<'a>;
    /// `eval missed`: errors over the threshold with one setting of the search.
    Missed: super::tune::MissedLine<'a>;
    /// `eval leave-one-out`
    LeaveOneOut: crate::jobs::evaluate::LeaveOneOut;
    /// `eval groups`
    Groups: crate::jobs::evaluate::GroupsReport;
}

/// JSON Schema (2020-12) of every line.
pub(super) fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<Line<'_>>().to_value()
}
