# Lists of faces.

faces-by-day = Day taken
faces-by-folder = Folder
faces-by-newest = Newest
faces-by-quality = Quality, worst first
faces-chosen = { $n ->
    [one] { $n } face chosen
   *[other] { $n } faces chosen
}
faces-confirm = Confirm
faces-confirm-hint = They are { $name }
faces-filter = Filter
faces-filter-hint = List some of the faces: by name, day, folder or quality
faces-hover = Quality { $quality }
faces-ignore = Ignore
faces-leave-group = Not of this group
faces-leave-group-hint = They stand alone, and do not come back to this group
faces-let-go = Clear the choice (Esc)
faces-listing = Listing the faces
faces-name = Name
faces-name-all = Name of all chosen faces
faces-name-as = Name them { $name }
faces-none = No face passes the filter
faces-none-about = Take a part of it away to see more.
faces-not-them = Somebody else
faces-not-them-hint = They are not { $name }: they lose the name, and it is not suggested for them again
faces-notice = Take back
faces-notice-hint = They are not ignored any longer
faces-open = Open its photo
faces-other-name = Who they are instead
faces-quality = Quality from
faces-quality-hint = Faces of less quality are not listed
faces-quality-share = { $percent } %
faces-reject = Reject
faces-reject-hint = They are not { $name }, and it is not suggested for them again
faces-search = Search this face
faces-shown = { $shown } of { $all }
faces-sort = Sort
faces-sort-name = Sorted by: { $order }
faces-take-out = Take out…
faces-turned = Reversed
ignored-not-a-face = Not a face
ignored-not-a-face-hint = It leaves the gallery, and stays out when its photo is enrolled again
ignored-poster = Poster or screen
ignored-poster-hint = A picture of somebody
ignored-statue = Statue
ignored-statue-hint = Statue, doll or mask
ignored-stranger = Stranger
ignored-stranger-hint = Somebody who does not matter here
