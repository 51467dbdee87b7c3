# Lists of faces.

faces-by-day = Day taken
faces-by-folder = Folder
faces-by-newest = Newest
faces-by-quality = Quality, worst first
faces-chosen = { $n ->
    [one] { $n } face chosen
   *[other] { $n } faces chosen
}
faces-filter = Filter
faces-filter-hint = List some of the faces: by name, day, folder or quality
faces-hover = Quality { $quality }
faces-let-go = Clear the choice (Esc)
faces-name = Name
faces-name-all = Name of all chosen faces
faces-name-as = Name them { $name }
faces-none = No face passes the filter
faces-none-about = Take a part of it away to see more.
faces-open = Open its photo
faces-quality = Quality from
faces-quality-hint = Faces of less quality are not listed
faces-quality-share = { $percent } %
faces-search = Search this face
faces-shown = { $shown } of { $all }
faces-sort = Sort
faces-sort-name = Sorted by: { $order }
faces-take-out = Take out…
faces-turned = Reversed
