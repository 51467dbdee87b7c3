# What other programs wrote and cannot be used.

exchange-cut = it is cut short or damaged
exchange-dtd = it declares a document type, which is not read
exchange-no-columns = it has neither a column “face” nor a column “digest”
exchange-not-text = it is no text in UTF-8 or UTF-16
exchange-not-utf8 = it is not in UTF-8, and only such a file is changed
exchange-not-xmp = it has no RDF, as XMP has it
exchange-other-form = its regions have a form that cannot be added to
exchange-other-picture = its regions are for a picture of another shape ({ $width } × { $height }): it was cropped since
exchange-row = row { $row } cannot be read: { $reason }
exchange-too-complex = it has too many or too deeply nested elements
exchange-too-large = it is larger than { $limit } bytes
exchange-unclear = it cannot be said which way up its regions are
exchange-xml = it is no well-formed XML ({ $reason })
