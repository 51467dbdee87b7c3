# The People screen: everybody, groups without a name, one person in full.

roster-alarm-modes = { $n ->
    [one] This face hardly resembles the others (mean score { $score }): it may be somebody else.
   *[other] These { $n } faces resemble each other and hardly the others (mean score { $score }): they may be somebody else.
}
roster-alarm-twice = The person stands twice on one photo; this face resembles the others less (mean score { $score }).
roster-alarms = { $n ->
    [one] One alarm
   *[other] { $n } alarms
}
roster-all-are = All are { $name }
roster-back = ‹ Back
roster-back-hint = Back to the list (Esc)
roster-best-first = Best quality first
roster-by-faces = Most faces
roster-by-founding = Oldest group
roster-by-last-seen = Last seen
roster-by-name = Name
roster-by-newest = Newest
roster-by-suggestions = Most suggestions
roster-cover = Make the chosen face the cover
roster-cover-best = Let the best face be the cover
roster-faces = Faces { $n }
roster-flagged = Flagged { $n }
roster-gone = This person is not there any more
roster-group = Group { $n }
roster-group-all = Group faces
roster-group-all-hint = { $n ->
    [0] Every face has a name
    [one] Look for others like the one face without a name
   *[other] Group the { $n } faces without a name by whom they show
}
roster-group-empty = Nobody is left in this group
roster-group-empty-about = Its faces have names, or are left alone.
roster-group-hint = Choose the faces of one person and type the name, or let go of those that do not belong.
roster-groups = Groups { $n }
roster-ignore-group = Ignore all
roster-ignored = Ignored { $n }
roster-ignored-about = Faces that are left alone: no group, no suggestion. Choose some to take that back.
roster-last-seen = last seen { $day }
roster-lines = { $n } found
roster-list = People
roster-named = Named { $n }
roster-no-alarm = Nothing is odd
roster-no-alarm-about = The faces resemble each other, and none stands twice on one photo.
roster-no-alarms = Nobody is flagged
roster-no-alarms-about = Grouping looks at every person: who falls into two, or stands twice on a photo, is listed here.
roster-no-face = No face
roster-no-face-about = This person has a name and no face yet.
roster-no-groups = No group
roster-no-groups-about = Faces without a name are grouped by whom they show, to be named at once.
roster-no-review = Nothing to review
roster-no-review-about = People for whom there are suggestions are listed here once faces are grouped.
roster-no-suggestion = No suggestion
roster-no-suggestion-about = No face without a name resembles this person.
roster-nobody = Nobody has a name
roster-nobody-about = Name a face on the Enroll screen, or a group here.
roster-none-found = Nobody is called so
roster-none-found-about = Type less of it, or another name, tag or external id.
roster-none-ignored = No face is ignored
roster-none-ignored-about = Strangers, statues and posters that are to be left alone are listed here.
roster-odd = Alarms { $n }
roster-odd-first = Odd ones first
roster-reading = Reading
roster-regroup = Group anew…
roster-regroup-hint = Groups this person's faces anew and keeps what was confirmed one by one
roster-resembles = resembles { $name }, score { $score }
roster-resembles-ignored = resembles a face that is ignored, score { $score }
roster-review = Review
roster-review-hint = One decision after the other, by key (R)
roster-row = { $name }, { $faces }, { $place } of { $total }
roster-search = Name, tag or external id
roster-settle = It is one person
roster-settle-hint = Leaves these faces where they are, and does not ask again
roster-split = { $n ->
    [one] Split this face off
   *[other] Split these { $n } faces off
}
roster-suggested = Suggestions { $n }
roster-suggestions = { $n ->
    [one] One suggestion
   *[other] { $n } suggestions
}
roster-tags = Tags
roster-tags-hint = Tags, between commas
roster-to-review = To review { $n }
