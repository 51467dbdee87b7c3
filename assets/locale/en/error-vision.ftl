# Errors of models.

onnx-external-data = the data of the tensor “{ $name }” should be in “{ $location }”: { $reason }
onnx-graph = { $reason }
onnx-malformed = it is no whole ONNX file: { $reason }
onnx-node = the node “{ $node }” ({ $op }): { $reason }
onnx-tensor = the tensor “{ $name }” { $reason }
onnx-too-much = it asks for more than a face network needs: { $reason }
onnx-unsupported = the operator { $op } of the node “{ $node }” is not supported
vision-bad-output = model “{ $model }” gave no usable embedding: { $reason }
vision-checksum = weights have another checksum than the manifest says (sha256 { $found }, expected { $expected }); fetch them anew: { $path }
vision-corrupt-weights = weights are damaged or of another kind ({ $reason }); fetch them anew: { $path }
vision-crop-size = model “{ $model }” takes crops of { $width }×{ $height } pixels and was given { $found_width }×{ $found_height }
vision-duplicate-model = a model called “{ $name }” is there already; choose another name, or delete its folder first
vision-io = { $subject }: { $reason }: { $path }
vision-landmark-not-finite = a landmark is not a finite number
vision-landmarks-degenerate = the landmarks lie on one spot or contradict the template, so no face can be laid straight by them
vision-library-failed = the neural network library failed: { $reason }
vision-manifest = the model's manifest is not usable ({ $reason }): { $origin }
vision-mask = this picture of a mask cannot be used ({ $reason }): { $path }
vision-missing-weights = weights are missing; run `cargo xtask setup`, or let LIKENESS_WEIGHTS name their folder: { $path }
vision-onnx = this ONNX model cannot be used ({ $source }): { $path }
vision-params = detector parameters: { $reason }
vision-runs-code = a TorchScript file is a program and runs with your rights as soon as it is loaded; import it only from where you trust, and say so (`--run-code`, or in the window): { $path }
vision-template-size = the template asks for a crop of { $width }×{ $height } pixels; each side must be between 1 and { $max }
vision-unknown-model = there is no model called “{ $name }”; there are: { $known }
vision-unreadable-weights = weights cannot be read ({ $source }): { $path }
vision-unusable-model = model “{ $name }” cannot be used: { $reason }
