# The Search screen: the probe and its candidates.

search-all-above = All above the threshold
search-all-above-hint = Every face that reaches the threshold, however many, instead of the best ones
search-at-most = At most
search-at-most-hint = How many of the best candidates are listed
search-at-most-number = Number of candidates
search-at-most-unit = candidates
search-by-score = Score, best first
search-candidate = { $name }, score { $score }, rank { $rank } of { $total }
search-candidates = Candidates
search-choose = Choose photo…
search-choose-hint = Choose a photo (Ctrl O)
search-clear = Clear
search-clear-hint = Forget this photo and its candidates
search-compare = Compare
search-compare-rank = Compare candidate { $rank }
search-failed = The search did not work
search-file-gone = file is gone
search-file-gone-hint = The photo’s file was not there when its folder was last enrolled
search-found = { $n ->
    [one] { $n } candidate
   *[other] { $n } candidates
}
search-may-miss = may be incomplete: the index does not compare every face
search-listed = with a score of { $threshold } or more, best first
search-listed-filtered = with a score of { $threshold } or more, best first, among { $faces }
search-listed-more = there are more, raise the threshold to see them all; with a score of { $threshold } or more, best first
search-listed-more-filtered = there are more, raise the threshold to see them all; with a score of { $threshold } or more, best first, among { $faces }
search-lower = Lower the threshold to { $threshold }
search-none = No candidate
search-none-about = No enrolled face reaches a score of { $threshold }. Either this person is not in the gallery, or the threshold is too high for these photos.
search-none-filtered = None of the { $faces } that the filter lets through reaches a score of { $threshold }.
search-none-passes = No face passes the filter
search-none-passes-about = No enrolled face is what the filter asks for. Take a part of it away to search more faces.
search-none-passes-all = Search all faces
search-not-named = not named
search-nothing-enrolled = Nothing enrolled yet
search-nothing-enrolled-about = The gallery holds no faces yet, so there is nothing to find. Enroll some photos first.
search-nothing-enrolled-go = Go to Enroll
search-photo-failed = Nothing to search
search-photo-failed-about = The photo on the left could not be read.
search-rank-face = Search the face of candidate { $rank }
search-running = Searching…
search-threshold-hint = Only faces with this score or more are shown. Each model has its own scale; the model's own value is a good start.
search-threshold-of-model = Use the model’s { $threshold }
search-who = Who is this?
search-who-about = Drop a photo anywhere in this window, paste one with Ctrl V, or choose one. Its faces are looked for among all that are enrolled.
search-who-choose = Choose a photo…
search-without-face = No face to search
search-without-face-about = Candidates appear here once a photo with a face is chosen.
