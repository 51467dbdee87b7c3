# What a photo's file is now, where it is no longer what was enrolled.

evidence-changed = The file is another picture than was enrolled
evidence-changed-about = This is the face as it was enrolled. Where it would be on the file of now is not known; enroll the folder again to look.
evidence-crop = As it was enrolled
evidence-gone = The photo cannot be shown
evidence-gone-about = { $reason }. This is the face as it was enrolled; it stays in the gallery and is found.
