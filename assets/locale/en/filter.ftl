# Which faces may be candidates.

filter-all = All
filter-clear = Clear the filter
filter-clear-part = Clear filter: { $part }
filter-date-form = Year, month and day, as in 2019-07-03
filter-dates-wrong = The days do not count yet: { $reason }.
filter-folder = Folder…
filter-folder-hint = Only photos in a folder or below it
filter-from = Taken from
filter-from-hint = First day, as year-month-day. Photos that do not tell their day are left out.
filter-named = Named
filter-nobody = Nobody in the gallery is called “{ $name }”.
filter-only = Only faces of { $name }
filter-part-from = from { $day }
filter-part-in = in { $folder }
filter-part-named = named
filter-part-to = to { $day }
filter-subject = Name of a person
filter-subject-hint = Only faces of this person; several can be added
filter-taken = Taken
filter-to = Taken to
filter-to-hint = Last day, as year-month-day. Photos that do not tell their day are left out.
filter-until = to
filter-part-quality-from = quality from { $quality } %
filter-part-quality-to = quality up to { $quality } %
filter-who = Whose faces
