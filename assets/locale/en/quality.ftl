# The parts of a face's quality.

quality = Quality
quality-detector = Detector
quality-detector-hint = How sure the detector is that this is a face
quality-exposure = Exposure
quality-exposure-hint = Neither too dark nor burnt out
quality-overall = Overall
quality-overall-hint = The parts below in one number: how far a search with this face can be relied on
quality-pose = Pose
quality-pose-hint = 1 looks straight at the camera
quality-sharpness = Sharpness
quality-sharpness-hint = Fine detail; blurred and over-compressed faces have little
quality-size = Size
quality-size-hint = Pixels of the photo that the crop is made of, against what the model takes in; less what lies outside
