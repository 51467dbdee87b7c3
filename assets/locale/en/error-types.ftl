# What is wrong with values that a person gave, and with files and folders.

io-is-a-folder = it is a folder
io-not-a-folder = it is no folder
io-not-found = there is no such file or folder
io-other = { $reason }
io-permission-denied = the rights on it do not allow that
io-read-only = its media can only be read
io-storage-full = the disk is full
types-bad-date = “{ $text }” is no date: write year, month and day, as in 2019-07-03
types-dates-reversed = the first day, { $from }, is after the last one, { $to }
types-max-image-side = max_image_side is { $value }; it must be 0 (no limit) or between 64 and 20000 pixels
types-min-face-size = min_face_size is { $value }; it must be between 12 and 10000 pixels
types-scale-factor = scale_factor is { $value }; it must be above 0.1 and below 0.95
types-spec-range = { $what } must be { $range }, not { $got }
types-spec-unknown = “{ $part }” is no part of an index spec; see `likeness index presets` for examples
types-threshold = threshold { $index } is { $value }; it must lie between 0 and 1
types-vector-empty = the vector is empty
types-vector-not-finite = the vector holds NaN or infinite values
types-vector-zero = the vector's length is zero, so it has no direction
