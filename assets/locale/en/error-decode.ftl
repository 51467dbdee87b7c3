# Why a file did not become a photo.

decode-bomb = the file declares { $width }×{ $height } pixels in only { $bytes } bytes; no photo is that small, so it was not opened
decode-codec-missing = the system's libheif has no decoder for { $format }: { $hint }
decode-corrupt = the { $format } file is damaged: { $detail }
decode-crashed = the { $format } decoder crashed on this file; it was left out
decode-empty = the file is empty (0 bytes); copy it again from its source
decode-encode = the crop could not be stored as JPEG: { $reason }
decode-endless = the { $format } decoder does not come to an end with this file; it was left out
decode-file-too-large = the file has { $bytes } bytes, more than the limit of { $limit }
decode-library-missing = { $format } photos need the system library libheif, which is not here: { $hint }
decode-no-preview = the raw photo holds no picture that can be read here; export it as JPEG or TIFF
decode-not-a-file = this is { $what }, not a file
decode-not-a-photo = the content is { $guess }, not a photo format that can be read, whatever the name says
decode-thumbnail-only = the raw photo holds no picture but a thumbnail of { $width }×{ $height } pixels; export it as JPEG or TIFF
decode-too-many-pixels = the photo declares { $width }×{ $height } pixels, more than the limit of { $limit } megapixels
decode-too-much-memory = the { $format } photo needs more memory to decode than the limit of { $limit } MB
decode-too-small = the photo has { $width }×{ $height } pixels, too small to hold a face (at least { $least } each way)
decode-truncated = the { $format } file ends too early; copy it again from its source
decode-unreadable = the file cannot be read: { $reason }
decode-unsupported = this kind of { $format } file cannot be read: { $detail }
