# Why a job came to nothing.

jobs-about-path = { $reason }: { $path }
jobs-cancelled = cancelled
jobs-no-embedding = face { $face } has no embedding by the model { $model }; enroll its photo again
jobs-no-such-source = there is no file or folder { $path }
jobs-nothing-to-do = there is nothing to do: no file or folder was given and no enrollment was left unfinished
jobs-pairs = the pairs file: { $reason }
jobs-read-only = this gallery is open for reading only: { $reason }
jobs-worker = a worker stopped by a fault of the program: { $reason }
