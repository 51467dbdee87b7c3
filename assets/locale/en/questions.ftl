# "Is this still Ada?"

questions = Questions
questions-before = { $name }, before
questions-is-still = Is this still { $name }?
questions-no = No
questions-no-name = No, { $photo } is not { $name }
questions-none = No open question
questions-none-about = Where a photo was replaced by another one, and it is not certain that its face is still the same person, the name is not given by itself but asked about here.
questions-now = The face now
questions-open = Open the face
questions-open-name = Open the face on { $photo }
questions-row = Is this still { $name }? { $photo }
questions-yes = Yes
questions-yes-name = Yes, { $photo } is { $name }
