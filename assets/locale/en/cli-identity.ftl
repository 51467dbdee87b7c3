# What the commands about people, history and removal say.

cli-identity-back = brought back { $what }
cli-identity-change = { $words } (change { $batch }; `likeness undo` takes it back)
cli-identity-deleted = deleted { $what } for ever
cli-identity-deletes = deletes { $what } for ever
cli-identity-deleting = Deleting faces
cli-identity-described = { $before } is { $now } now
cli-identity-faces-named = { $faces }, { $named } of them named
cli-identity-file-gone = (its file is gone)
cli-identity-go-on = This { $what }. Go on? [y/N]
cli-identity-gone-face = face
cli-identity-gone-photo = photo
cli-identity-merged = { $person } has { $faces } now
cli-identity-named = named { $faces } { $name }
cli-identity-no-change = nothing was changed: it is so already
cli-identity-not-named = not named
cli-identity-other = it is not the same person
cli-identity-photos-with = { $photos } with { $faces }
cli-identity-question = is this still { $person }?
cli-identity-redone = done again: { $words }
cli-identity-removed-person = removed the person { $person }
cli-identity-removes-person = removes the person { $person } and takes the name from { $faces }
cli-identity-same = it is still the same person
cli-identity-state-dead = (undone, cannot be redone)
cli-identity-state-purged = (cannot be undone)
cli-identity-state-undone = (undone)
cli-identity-takes-out = takes out { $what }
cli-identity-this = This { $what }.
cli-identity-took-out = took out { $what }
cli-identity-undone = undone: { $words }
cli-identity-unnamed = took the name from { $faces }
cli-people-all-stay = all stay: { $stay }
cli-people-confirmed = confirmed
cli-people-grouped = grouped { $faces } without a name: { $grouped } of them in { $groups }, { $suggestions } with a suggestion, in { $secs } s
cli-people-groups = { $n ->
    [one] { $n } group
   *[other] { $n } groups
}
cli-people-like = { $who }? { $score } (face { $face })
cli-people-modes = { $person }: two people under one name? score { $score }; faces { $faces }
cli-people-not-a-face = no face
cli-people-poster = poster
cli-people-regrouped = { $stay } stay, and the name was taken from { $left } (change { $batch }; `likeness undo` takes it back)
cli-people-statue = statue
cli-people-stranger = stranger
cli-people-suggested = { $n ->
    [one] { $n } suggestion
   *[other] { $n } suggestions
}
cli-people-twice = { $person }: twice on one photo; score { $score }; faces { $faces }
