# What is changed about a person as a whole.

people-ambiguous = { $name } (person { $id })
people-edit = Edit person…
people-edit-hint = Name, external id and note of this person (F2)
people-edit-name = Edit { $name }
people-external-id = External id
people-external-id-hint = Case, staff or register number
people-merge = Merge…
people-merge-button = Merge
people-merge-hint = Two of the list are one person: put them together (Shift F2)
people-merge-into = Merge into { $name }
people-merge-name = Merge { $name } into another person
people-merge-nobody = Nobody else in the gallery is called “{ $name }”.
people-merge-nobody-else = There is nobody else in this gallery yet.
people-merge-other = The other person
people-merge-other-first = Choose the other person first
people-merge-outcome = { $name } will have { $faces }.
people-merge-outcome-about = { $old } leaves the list of people; a folder of that name means { $new } from then on. This can be undone (Ctrl Z).
people-merge-who = Who else is { $name }?
people-name-hint = Name of this person
people-needs-name = A person has a name.
people-note-hint = What tells this person from others of that name
people-same-external-id = { $name } has this external id too.
people-same-name = { $name } has this name too. That may stay: an external id or a note tells them apart.
people-same-name-several = { $n } other people have this name too. That may stay: an external id or a note tells them apart.
