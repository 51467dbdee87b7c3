# Taking out of the gallery.

removal-about = The files on the disk stay as they are. This can be undone until it is purged, and an enrollment does not bring back what was taken out.
removal-counting = Counting…
removal-do = Take out
removal-faces = { $faces } will leave the gallery.
removal-faces-named = { $faces }, named, will leave the gallery.
removal-faces-some-named = { $faces }, { $named } of them named, will leave the gallery.
removal-keep = Keep
removal-nothing = Nothing in the gallery is meant by this.
removal-of-faces = { $n ->
    [one] Take out this face?
   *[other] Take out { $n } faces?
}
removal-of-folder = Take out the folder { $folder }?
removal-of-missing = Take out the photos whose files are gone?
removal-of-person = Take out everything of { $name }?
removal-of-photos = { $n ->
    [one] Take out this photo?
   *[other] Take out { $n } photos?
}
removal-photos = { $photos } with { $faces } will leave the gallery.
removal-photos-named = { $photos } with { $faces }, named, will leave the gallery.
removal-photos-some-named = { $photos } with { $faces }, { $named } of them named, will leave the gallery.
