# Errors of files of vectors.

vectors-by-columns = the array is stored by columns; save numpy.ascontiguousarray of it
vectors-empty = there are no vectors in it
vectors-ending = the name of a file of vectors ends in .npy or .fvecs
vectors-header = the .npy header cannot be read ({ $reason })
vectors-not-two-dimensional = the array has { $found } dimensions instead of 2, a row for each vector
vectors-not-vectors = this is no file of vectors: it must be a .npy array (2-d, float32 or float64) or .fvecs
vectors-row = row { $row }: { $reason }
vectors-row-count = { $got } rows were written where { $expected } were announced
vectors-too-large = { $rows } vectors of { $d } values are more than are read at once ({ $max } values)
vectors-trailing = { $extra } bytes stand behind the last vector: the file was not written whole, or is another kind of file
vectors-truncated = the file is cut off: { $missing } bytes are missing
vectors-uneven = row { $row } has { $found } values, the rows before it { $expected }
vectors-value-type = the array holds { $found } instead of float32 (<f4) or float64 (<f8); save it with .astype('float32')
vectors-wrong-length = its vectors have { $found } values, those of the gallery { $expected }: they come from another model
