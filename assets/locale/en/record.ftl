# The history of who is who.

history-adorned = changed the cover or the tags of { $name }
history-confirmed = confirmed { $name }
history-did-again = did again: { $what }
history-enrolled = enrollment: { $what }
history-grouped = grouped { $n ->
    [one] { $n } face
   *[other] { $n } faces
} without a name
history-ignored = set { $n ->
    [one] { $n } face
   *[other] { $n } faces
} aside
history-left-group = took { $n ->
    [one] { $n } face
   *[other] { $n } faces
} out of their group
history-merged = merged { $old } into { $name } ({ $n ->
    [one] { $n } face
   *[other] { $n } faces
})
history-named = named { $n ->
    [one] { $n } face
   *[other] { $n } faces
} { $name }
history-nameless = said that faces without a name are to have none
history-not = said that it is not { $name }
history-noted = noted something about { $name }
history-noticed = took { $n ->
    [one] { $n } face
   *[other] { $n } faces
} in again that had been set aside
history-part-faces-back = found again { $n ->
    [one] { $n } face
   *[other] { $n } faces
}
history-part-faces-gone = no longer found { $n ->
    [one] { $n } face
   *[other] { $n } faces
}
history-part-grouped = grouped { $n ->
    [one] { $n } face
   *[other] { $n } faces
} without a name
history-part-missing = missed { $n ->
    [one] { $n } photo
   *[other] { $n } photos
}
history-part-moved = followed { $n ->
    [one] { $n } moved photo
   *[other] { $n } moved photos
}
history-part-named = named { $n ->
    [one] { $n } face
   *[other] { $n } faces
}
history-part-nothing = changed nothing of names
history-part-photos-back = brought back { $n ->
    [one] { $n } photo
   *[other] { $n } photos
}
history-purged = deleted for ever { $photos ->
    [one] { $photos } photo
   *[other] { $photos } photos
} and { $faces ->
    [one] { $faces } face
   *[other] { $faces } faces
}
history-redid-number = redid change { $batch }
history-regrouped = grouped { $name } again; { $n ->
    [one] { $n } face is unknown now
   *[other] { $n } faces are unknown now
}
history-rejected = said of { $n ->
    [one] { $n } face
   *[other] { $n } faces
} that it is not { $name }
history-removed-faces = took out { $faces ->
    [one] { $faces } face
   *[other] { $faces } faces
}
history-removed-photos = took out { $photos ->
    [one] { $photos } photo
   *[other] { $photos } photos
} with { $faces ->
    [one] { $faces } face
   *[other] { $faces } faces
}
history-removed-subject = removed the person { $name } ({ $n ->
    [one] { $n } face
   *[other] { $n } faces
})
history-renamed = renamed { $old } to { $name }
history-restored-faces = brought back { $faces ->
    [one] { $faces } face
   *[other] { $faces } faces
}
history-restored-photos = brought back { $photos ->
    [one] { $photos } photo
   *[other] { $photos } photos
} with { $faces ->
    [one] { $faces } face
   *[other] { $faces } faces
}
history-settled = found nothing odd about { $name }
history-split = split { $n ->
    [one] { $n } face
   *[other] { $n } faces
} off { $old } as { $name }
history-split-unknown = split { $n ->
    [one] { $n } face
   *[other] { $n } faces
} off { $old }
history-still = said that it is still { $name }
history-undid = undid: { $what }
history-undid-number = undid change { $batch }
history-unnamed = took the name from { $n ->
    [one] { $n } face
   *[other] { $n } faces
}
people-group-job = Group faces
people-regroup-job = Group a person anew
several = { $first }, { $next }
