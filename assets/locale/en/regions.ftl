# Face regions of other programs, on the command line.

regions-added = { $n ->
    [one] { $n } region added
   *[other] { $n } regions added
}
regions-already = { $n ->
    [one] { $n } face has the name already
   *[other] { $n } faces have the name already
}
regions-ambiguous = face { $face } is said to be { $name }, and several people have this name
regions-ambiguous-many = { $n ->
    [one] { $n } face with a name that several people have
   *[other] { $n } faces with a name that several people have
}
regions-conflict = face { $face } is said to be { $name }, and is { $has }
regions-conflicts = { $n ->
    [one] { $n } conflict
   *[other] { $n } conflicts
}
regions-contested = face { $face } is said to be several people: { $names }
regions-exported = { $n ->
    [one] { $n } sidecar written for { $photos } with names
   *[other] { $n } sidecars written for { $photos } with names
}
regions-exported-dry = { $n ->
    [one] { $n } sidecar would be written for { $photos } with names
   *[other] { $n } sidecars would be written for { $photos } with names
}
regions-form-acdsee = ACDSee
regions-form-microsoft = Microsoft Photo
regions-form-mwg = MWG
regions-form-picasa = Picasa
regions-imported = { $faces } named (change { $batch }; `likeness undo` takes it back)
regions-imported-dry = { $faces } would be named
regions-imported-nothing = no face was named
regions-issues = { $n ->
    [one] { $n } file could not be used
   *[other] { $n } files could not be used
}
regions-kept = { $n ->
    [one] { $n } region was there already
   *[other] { $n } regions were there already
}
regions-new-files = { $n ->
    [one] { $n } new sidecar
   *[other] { $n } new sidecars
}
regions-new-people = { $n ->
    [one] { $n } new person
   *[other] { $n } new people
}
regions-no-face = no face was found where { $name } is said to be
regions-nobody = face { $face } is said to be { $name }, and a person said that it is nobody or to be left alone
regions-of-photos = { $n ->
    [one] { $n } photo has regions
   *[other] { $n } photos have regions
}
regions-of-rows = { $n ->
    [one] { $n } row has a name
   *[other] { $n } rows have a name
}
regions-other-picture = the regions ({ $form }) are for a picture of another shape, { $width } × { $height }
regions-photo-changed = the photo was changed since it was enrolled; enroll it again first
regions-rejected = face { $face } is said to be { $name }, and a person said that it is not
regions-remark = { $what }: { $path }
regions-renamed = { $n ->
    [one] { $n } region renamed
   *[other] { $n } regions renamed
}
regions-table-written = { $faces } written to { $path }
regions-unclear = it cannot be said which way up the regions ({ $form }) are
regions-unplaced = { $n ->
    [one] { $n } set of regions without a certain place
   *[other] { $n } sets of regions without a certain place
}
regions-unusable = { $n ->
    [one] { $n } region ({ $form }) has no area or no name that can be used
   *[other] { $n } regions ({ $form }) have no area or no name that can be used
}
regions-unusable-many = { $n ->
    [one] { $n } region without a usable area or name
   *[other] { $n } regions without a usable area or name
}
regions-without-face = { $n ->
    [one] { $n } name without a face
   *[other] { $n } names without a face
}
regions-would-name = face { $face } would be { $name }: { $path }
