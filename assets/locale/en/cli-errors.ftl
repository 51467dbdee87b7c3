# Why a command was not carried out.

cli-export-ending = the file to export to ends in .csv, .json, .svg or .png
cli-goal-circumstances = a goal is looked for without a filter, tail, tombstones or enrollment; measure those with --specs
cli-no-detector = the detector parameters cannot be read: { $reason }
cli-no-output = standard output takes no more, and the command went no further: { $reason }
cli-no-specs = name at least one preset or spec after --specs
cli-no-such-photo = no photo is enrolled under this path: { $path }
cli-no-window = the window could not be opened ({ $reason }); `likeness --help` lists what works without
cli-not-well = not all is well
cli-not-well-repair = not all is well; `likeness check --repair` puts right what can be
cli-nothing-done = nothing was done
cli-picture-ending = the picture's file ends in .svg or .png
cli-preset-unsuited = the preset { $preset } does not suit embeddings of d { $d }
cli-say-yes = nothing was done; say it again with --yes
cli-usage = { $reason }
cli-screen-not-loaded = the screen's data did not load within two minutes
