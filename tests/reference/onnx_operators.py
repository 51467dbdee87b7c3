"""Expected outputs of small ONNX graphs, one for each operator and its variants, by onnxruntime.

    onnx_operators.py OUT.json

Inputs and weights come from `synthetic.uniform` by the names here, so the test makes the same input; the graph itself
goes into the file as hexadecimal digits. Needs onnx, onnxruntime and numpy.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import synthetic

CASES = []


def weights(name, *shape, low=-1.0, high=1.0):
    return synthetic.uniform(name, int(np.prod(shape)), low, high).reshape(shape)


def case(name, nodes, shape, inits=None, opset=13, low=-2.0, high=2.0):
    """`nodes` are (op_type, inputs, attributes), each giving the value named by its place; the last is the output.

    One that gives several values names them behind its attributes.
    """
    made = []
    for i, (op_type, inputs, attributes, *outputs) in enumerate(nodes):
        outputs = outputs[0] if outputs else ["y" if i == len(nodes) - 1 else f"v{i}"]
        made.append(helper.make_node(op_type, inputs, outputs, name=f"n{i}", **attributes))
    tensors = []
    for key, value in (inits or {}).items():
        value = np.asarray(value)
        tensors.append(numpy_helper.from_array(value.astype(np.float32) if value.dtype == np.float64 else value, key))
    dims = ["N", *shape[1:]]
    graph = helper.make_graph(
        made, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, dims)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="")
    model.ir_version = 8
    x = synthetic.uniform(name, int(np.prod(shape)), low, high).reshape(shape)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # Fused operators round otherwise: weights in 8 bits would make the activations ones in 8 bits, too.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": x})
    assert y.dtype == np.float32 and y.size <= 200 and np.isfinite(y).all(), (name, y.dtype, y.shape)
    CASES.append({
        "name": name, "range": [low, high], "input": list(shape), "model": model.SerializeToString().hex(),
        "shape": list(y.shape), "output": [float(f"{v:.8g}") for v in y.reshape(-1).tolist()],
    })


def one(op_type, shape, inits=None, opset=13, name=None, low=-2.0, high=2.0, **attributes):
    """A graph of one node; the tensors in `inits` are its further inputs, a None left out."""
    inits = inits or {}
    inputs = ["x", *["" if value is None else key for key, value in inits.items()]]
    inits = {key: value for key, value in inits.items() if value is not None}
    case(name or op_type, [(op_type, inputs, attributes)], shape, inits, opset, low, high)


def convolutions():
    w = weights("w", 4, 2, 3, 3)
    one("Conv", [2, 2, 4, 5], {"w": w, "b": weights("b", 4)}, pads=[1, 1, 1, 1])
    one("Conv", [1, 2, 7, 7], {"w": w}, name="conv stride dilation", strides=[2, 1], dilations=[1, 2])
    one("Conv", [1, 2, 5, 5], {"w": w}, name="conv uneven pads", pads=[0, 1, 2, 1], strides=[2, 2], kernel_shape=[3, 3])
    one("Conv", [1, 4, 5, 5], {"w": weights("w", 4, 1, 3, 3)}, name="conv depthwise", group=4, pads=[1, 1, 1, 1])
    one("Conv", [1, 4, 4, 4], {"w": weights("w", 6, 2, 1, 1)}, name="conv groups", group=2)
    for auto in ["SAME_UPPER", "SAME_LOWER", "VALID"]:
        one("Conv", [1, 2, 6, 5], {"w": weights("w", 2, 2, 2, 3)}, name=f"conv {auto}", auto_pad=auto, strides=[2, 2])
    norm = {"scale": weights("s", 3, low=0.5, high=2), "shift": weights("t", 3), "mean": weights("m", 3),
            "var": weights("v", 3, low=0.2, high=2)}
    names = list(norm)
    case("conv with norm", [("Conv", ["x", "w"], {"pads": [1, 1, 1, 1]}),
                            ("BatchNormalization", ["v0", *names], {"epsilon": 1e-3})], [1, 2, 4, 4],
         {"w": weights("w", 3, 2, 3, 3), **norm})
    case("conv with bias and norm used twice", [
        ("Conv", ["x", "w", "b"], {}), ("BatchNormalization", ["v0", *names], {}), ("Add", ["v0", "v1"], {})],
        [1, 2, 3, 3], {"w": weights("w", 3, 2, 1, 1), "b": weights("b", 3), **norm})
    one("BatchNormalization", [2, 3, 2, 2], norm, opset=9, epsilon=1e-2, momentum=0.8)
    one("BatchNormalization", [2, 3], norm, name="norm of rows", opset=15)


def pools():
    one("MaxPool", [1, 2, 6, 5], kernel_shape=[2, 2], strides=[2, 2])
    one("MaxPool", [1, 1, 6, 6], name="max ceil", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, opset=12)
    one("MaxPool", [1, 1, 5, 5], name="max ceil pads", kernel_shape=[2, 2], strides=[3, 3], pads=[0, 1, 1, 0],
        ceil_mode=1)
    one("MaxPool", [1, 1, 7, 7], name="max dilated", kernel_shape=[3, 3], dilations=[2, 2], pads=[1, 1, 1, 1])
    one("MaxPool", [1, 1, 5, 5], name="max same", kernel_shape=[2, 2], strides=[2, 2], auto_pad="SAME_UPPER")
    one("AveragePool", [1, 2, 6, 5], kernel_shape=[2, 2], strides=[2, 2])
    for include in [0, 1]:
        one("AveragePool", [1, 1, 5, 5], name=f"average pads include {include}", kernel_shape=[3, 3],
            pads=[1, 1, 1, 1], strides=[2, 2], count_include_pad=include)
        one("AveragePool", [1, 1, 5, 5], name=f"average uneven include {include}", kernel_shape=[2, 3],
            pads=[1, 0, 0, 2], count_include_pad=include)
        one("AveragePool", [1, 1, 6, 6], name=f"average ceil include {include}", kernel_shape=[3, 3], strides=[2, 2],
            ceil_mode=1, count_include_pad=include, opset=19)
    one("GlobalAveragePool", [2, 3, 4, 3])
    one("GlobalMaxPool", [2, 3, 4, 3])


def elementwise():
    for op in ["Relu", "Sigmoid", "HardSigmoid", "Erf", "Tanh"]:
        one(op, [2, 5])
    one("HardSwish", [2, 9], opset=14, low=-5.0, high=5.0)
    one("HardSigmoid", [2, 5], name="hard sigmoid slope", alpha=0.4, beta=0.1)
    one("LeakyRelu", [2, 5])
    one("LeakyRelu", [2, 5], name="leaky slope", alpha=0.3)
    one("Sqrt", [2, 5], low=0.0)
    one("PRelu", [2, 3, 2, 2], {"slope": weights("s", 3, 1, 1)})
    one("PRelu", [2, 5], {"slope": weights("s", 5)}, name="prelu rows")
    one("PRelu", [1, 3, 2, 2], {"slope": weights("s", 1)}, name="prelu one")
    one("PRelu", [1, 3, 2, 2], {"slope": weights("s", 2, 2)}, name="prelu places")
    one("Clip", [2, 5], opset=6 + 1, name="clip attributes", min=-0.5, max=1.0)
    one("Clip", [2, 5], {"low": np.float32(-0.5), "high": np.float32(1.0)})
    one("Clip", [2, 5], {"low": None, "high": np.float32(1.0)}, name="clip above")
    one("Clip", [2, 5], {"low": np.float32(0.0)}, name="clip below")
    for op in ["Add", "Sub", "Mul", "Div"]:
        one(op, [2, 3, 2], {"b": weights("b", 3, 1, low=0.5, high=2)})
    case("constant first", [("Sub", ["c", "x"], {})], [2, 3], {"c": np.float32(1.5)})
    one("Pow", [2, 5], {"e": np.float32(2.0)})
    one("Pow", [2, 3], {"e": weights("e", 3, low=0.5, high=2)}, name="pow each", low=0.1)
    case("cast", [("Cast", ["x"], {"to": TensorProto.INT64}), ("Cast", ["v0"], {"to": TensorProto.FLOAT})], [2, 5])
    case("integer quotient", [("Shape", ["x"], {}), ("Sub", ["v0", "four"], {}), ("Div", ["v1", "two"], {}),
                              ("Cast", ["v2"], {"to": TensorProto.FLOAT})], [2, 7],
         {"four": np.int64([4]), "two": np.int64([2])})
    case("gelu by hand", [("Div", ["x", "root"], {}), ("Erf", ["v0"], {}), ("Add", ["v1", "one"], {}),
                          ("Mul", ["x", "v2"], {}), ("Mul", ["v3", "half"], {})], [2, 5],
         {"root": np.float32(2**0.5), "one": np.float32(1), "half": np.float32(0.5)})


def shapes():
    def axes(*values):
        return np.array(values, dtype=np.int64)

    one("Flatten", [2, 3, 2])
    one("Flatten", [2, 3, 2], name="flatten axis", axis=-1)
    one("Flatten", [2, 3], name="flatten zero", axis=0)
    one("Reshape", [2, 3, 4], {"shape": axes(0, -1)})
    one("Reshape", [2, 3, 4], {"shape": axes(0, 2, 6)}, name="reshape exact")
    one("Transpose", [2, 3, 4])
    one("Transpose", [2, 3, 4], name="transpose order", perm=[0, 2, 1])
    case("Concat", [("Relu", ["x"], {}), ("Concat", ["x", "v0", "c"], {"axis": 1})], [1, 2, 2], {"c": weights("c", 1, 1, 2)})
    one("Squeeze", [2, 1, 3, 1], {"axes": axes(1, -1)})
    one("Squeeze", [2, 1, 3], name="squeeze attribute", opset=11, axes=[1])
    one("Unsqueeze", [2, 3], {"axes": axes(1, -1)})
    one("Unsqueeze", [2, 3], name="unsqueeze attribute", opset=11, axes=[0, 2])
    one("Expand", [2, 1, 3], {"shape": axes(1, 2, 1)})
    one("Gather", [2, 4, 3], {"at": axes(3, 0, -2)}, axis=1)
    one("Gather", [2, 4], {"at": np.int64(1)}, name="gather one", axis=1)
    one("Gather", [3, 2], {"at": np.int64([[0, 2], [1, 1]])}, name="gather rows")
    one("Slice", [2, 5, 4], {"starts": axes(1, -1), "ends": axes(9, -9), "axes": axes(1, 2), "steps": axes(2, -1)})
    one("Slice", [2, 5, 4], {"starts": axes(0, 1), "ends": axes(1, -1)}, name="slice first axes")
    one("Slice", [2, 5], name="slice attributes", opset=9, starts=[1], ends=[4], axes=[1])
    case("flatten by shape", [("Shape", ["x"], {}), ("Gather", ["v0", "zero"], {}), ("Unsqueeze", ["v1", "front"], {}),
                              ("Concat", ["v2", "rest"], {"axis": 0}), ("Reshape", ["x", "v3"], {})], [2, 3, 2],
         {"zero": np.int64(0), "front": axes(0), "rest": axes(-1)})
    one("Pad", [1, 2, 2, 3], {"pads": axes(0, 0, 1, 2, 0, 0, 0, 1), "value": np.float32(0.5)})
    one("Pad", [2, 3], name="pad attributes", opset=10, pads=[0, 1, 0, 2], value=-1.0)
    one("Pad", [1, 2, 3, 3], {"pads": axes(0, 0, 1, 2, 0, 0, 0, 1)}, name="pad edge", mode="edge")
    one("Pad", [1, 1, 3, 4], {"pads": axes(0, 0, 1, 2, 0, 0, 2, 1)}, name="pad reflect", mode="reflect")
    one("Pad", [1, 2, 3, 3], {"pads": axes(0, 0, -1, 1, 0, 0, 0, 0)}, name="pad and cut")
    one("Identity", [2, 3])
    one("Dropout", [2, 3], opset=10, ratio=0.4)
    case("constants", [("Constant", [], {"value_floats": [1.0, 2.0, 3.0]}), ("Constant", [], {"value_float": 0.5}),
                       ("Mul", ["v0", "v1"], {}), ("Add", ["x", "v2"], {})], [2, 3])


def matrices():
    b, c = weights("b", 4, 3), weights("c", 3)
    one("Gemm", [2, 4], {"b": b, "c": c})
    one("Gemm", [2, 4], {"b": b.T.copy(), "c": c}, name="gemm transposed", transB=1)
    one("Gemm", [2, 4], {"b": b.T.copy(), "c": weights("c", 2, 1)}, name="gemm scaled", transB=1, alpha=0.5, beta=2.0)
    one("Gemm", [4, 2], {"b": b}, name="gemm without c", transA=1)
    one("MatMul", [2, 4], {"b": b})
    one("MatMul", [2, 3, 4], {"b": weights("b", 2, 4, 2)}, name="matmul stacks")
    one("MatMul", [2, 3, 4], {"b": weights("b", 4)}, name="matmul column")
    one("LayerNormalization", [2, 3, 4], {"s": weights("s", 4), "b": weights("b", 4)}, opset=17, epsilon=1e-3)
    one("LayerNormalization", [2, 3, 4], {"s": weights("s", 3, 4)}, name="layer norm of two", opset=17, axis=1)
    one("Softmax", [2, 3, 4])
    one("Softmax", [2, 3, 4], name="softmax axis", axis=1)
    one("Softmax", [2, 3, 4], name="softmax old", opset=11)
    one("LpNormalization", [2, 5], axis=1)
    one("LpNormalization", [2, 5], name="lp of one", axis=-1, p=1)
    case("lp of zeros", [("Mul", ["x", "zero"], {}), ("LpNormalization", ["v0"], {})], [2, 3], {"zero": np.float32(0)})
    one("ReduceMean", [2, 3, 4], axes=[1, -1], keepdims=0)
    one("ReduceMean", [2, 3, 4], {"axes": np.int64([2])}, name="mean by input", opset=18)
    one("ReduceMean", [2, 3], name="mean of all", keepdims=0)
    one("ReduceSum", [2, 3, 4], {"axes": np.int64([1])}, keepdims=0)
    one("ReduceL2", [2, 3, 4], axes=[-1])
    case("unit length", [("ReduceL2", ["x"], {"axes": [1]}), ("Clip", ["v0", "least"], {}), ("Shape", ["x"], {}),
                         ("Expand", ["v1", "v2"], {}), ("Div", ["x", "v3"], {})], [2, 4], {"least": np.float32(1e-12)})


def resizes():
    x = [1, 1, 4, 3]
    roi = {"roi": None}

    def scales(height, width):
        return {**roi, "scales": np.float32([1, 1, height, width])}

    def sizes(height, width):
        return {**roi, "scales": None, "sizes": np.int64([1, 1, height, width])}

    one("Resize", x, scales(2, 2))
    one("Resize", x, scales(0.5, 0.7), name="nearest smaller")
    for mode in ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]:
        one("Resize", x, sizes(7, 2), name=f"linear {mode}", mode="linear", coordinate_transformation_mode=mode)
        for nearest in ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]:
            one("Resize", x, sizes(6, 2), name=f"{nearest} {mode}", coordinate_transformation_mode=mode,
                nearest_mode=nearest)
    one("Resize", x, {"scales": np.float32([1, 1, 2, 1.5])}, name="resize ten", opset=10)
    one("Upsample", x, {"scales": np.float32([1, 1, 2, 2])}, opset=9, mode="linear")
    one("Resize", x, {**roi, "scales": None, "sizes": np.int64([5, 5])}, name="resize axes", opset=18, axes=[2, 3],
        mode="linear")


def axes_of(*values):
    return np.array(values, dtype=np.int64)


def functions():
    for op in ["Abs", "Ceil", "Exp", "Floor", "Neg", "Round", "Sign", "Softplus", "Softsign", "Elu", "Selu"]:
        one(op, [2, 7])
    one("Log", [2, 5], low=0.1)
    one("Reciprocal", [2, 5], low=0.2)
    one("Mish", [2, 7], opset=18)
    one("Elu", [2, 5], name="elu slope", alpha=0.5)
    one("Selu", [2, 5], name="selu stated", alpha=1.5, gamma=0.75)
    case("round halves", [("Add", ["x", "halves"], {}), ("Round", ["v0"], {})], [1, 6],
         {"halves": np.float32([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])}, low=0.0, high=1e-9)
    one("Gelu", [2, 9], opset=20)
    one("Gelu", [2, 9], name="gelu tanh", opset=20, approximate="tanh")
    case("hard swish by hand", [("Add", ["x", "three"], {}), ("Clip", ["v0", "zero", "six"], {}),
                                ("Div", ["v1", "six"], {}), ("Mul", ["x", "v2"], {})], [2, 9],
         {"three": np.float32(3), "zero": np.float32(0), "six": np.float32(6)}, low=-5.0, high=5.0)
    case("relu six at opset 6", [("Clip", ["x"], {"min": 0.0, "max": 6.0})], [2, 9], opset=7, low=-5.0, high=9.0)
    case("integers of each sign", [("Cast", ["x"], {"to": TensorProto.INT64}), ("Abs", ["v0"], {}), ("Neg", ["v1"], {}),
                                   ("Sign", ["v0"], {}), ("Mul", ["v2", "v3"], {}),
                                   ("Cast", ["v4"], {"to": TensorProto.FLOAT})], [2, 7], low=-9.0, high=9.0)
    for fmod in [0, 1]:
        case(f"remainder {fmod}", [("Cast", ["x"], {"to": TensorProto.INT64}), ("Mod", ["v0", "by"], {"fmod": fmod}),
                                   ("Cast", ["v1"], {"to": TensorProto.FLOAT})], [2, 8], {"by": np.int64(3)},
             low=-9.0, high=9.0)
    one("Mod", [2, 8], {"by": np.float32(0.75)}, fmod=1)


def comparisons():
    to_float = {"to": TensorProto.FLOAT}
    for op in ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"]:
        case(f"{op} of floats", [("Floor", ["x"], {}), (op, ["v0", "b"], {}), ("Cast", ["v1"], to_float)], [2, 3, 4],
             {"b": np.float32([[-1], [0], [1]])})
        case(f"{op} of integers", [("Cast", ["x"], {"to": TensorProto.INT64}), (op, ["b", "v0"], {}),
                                   ("Cast", ["v1"], to_float)], [2, 7], {"b": np.int64(0)})
    for op in ["And", "Or", "Xor"]:
        case(op, [("Greater", ["x", "zero"], {}), ("Less", ["x", "one"], {}), (op, ["v0", "v1"], {}),
                  ("Not", ["v2"], {}), ("Cast", ["v3"], to_float)], [2, 9],
             {"zero": np.float32(0), "one": np.float32(1)})
    case("Equal of truths", [("Greater", ["x", "zero"], {}), ("Equal", ["v0", "t"], {}), ("Cast", ["v1"], to_float)],
         [2, 4], {"zero": np.float32(0), "t": np.array([True, False, True, False])})
    case("Where", [("Greater", ["x", "zero"], {}), ("Where", ["v0", "x", "b"], {})], [2, 3, 2],
         {"zero": np.float32(0), "b": weights("b", 3, 1)})
    case("where stretched by its condition", [("Where", ["t", "x", "b"], {})], [2, 1, 2],
         {"t": np.array([[True], [False], [True]]), "b": np.float32(9)})
    # As an exporter writes x.expand(-1, …): −1 stands for the side that is there.
    case("expand by where", [("Shape", ["x"], {}), ("ConstantOfShape", ["rank"], {"value": helper.make_tensor("v", TensorProto.INT64, [1], [1])}),
                             ("Mul", ["v1", "minus"], {}), ("Equal", ["stated", "v2"], {}),
                             ("Where", ["v3", "v0", "stated"], {}), ("Expand", ["x", "v4"], {})], [2, 1, 3],
         {"rank": axes_of(3), "minus": np.int64(-1), "stated": axes_of(-1, 2, -1)})
    for op in ["Max", "Min", "Mean", "Sum"]:
        one(op, [2, 3, 2], {"b": weights("b", 3, 1), "c": weights("c", 2)})
        one(op, [2, 5], name=f"{op} of one")
    case("Max of integers", [("Shape", ["x"], {}), ("Max", ["v0", "b"], {}), ("Min", ["v1", "c"], {}),
                             ("Cast", ["v2"], to_float)], [2, 7, 3], {"b": np.int64(3), "c": axes_of(9, 5, 9)})


def parts():
    def joined(name, shape, node, count, inits=None, opset=13, axis=1):
        outputs = [f"p{i}" for i in range(count)]
        case(name, [(*node, outputs), ("Concat", outputs[::-1], {"axis": axis})], shape, inits, opset)

    joined("Split", [2, 6, 2], ("Split", ["x"], {"axis": 1}), 3)
    joined("split along the first axis", [6, 2], ("Split", ["x"], {}), 2, axis=0)
    joined("split stated", [2, 6], ("Split", ["x", "s"], {"axis": -1}), 3, {"s": axes_of(1, 3, 2)})
    joined("split attribute", [2, 6], ("Split", ["x"], {"axis": 1, "split": [4, 2]}), 2, opset=11)
    joined("split uneven", [2, 7], ("Split", ["x"], {"axis": 1, "num_outputs": 3}), 3, opset=18)
    joined("split with an empty part", [2, 3], ("Split", ["x", "s"], {"axis": 1}), 2, {"s": axes_of(3, 0)})
    case("one part alone", [("Split", ["x"], {"axis": 2}, ["first", "second"]), ("Relu", ["second"], {})], [1, 2, 4])
    # Half of the planes goes through a gate of the other half.
    case("gate", [("Split", ["x"], {"axis": 1}, ["a", "b"]), ("Sigmoid", ["b"], {}), ("Mul", ["a", "v1"], {})],
         [2, 4, 3])
    one("Tile", [2, 1, 3], {"n": axes_of(1, 2, 2)})
    for mode in ["DCR", "CRD"]:
        one("DepthToSpace", [2, 8, 2, 3], name=f"depth {mode}", blocksize=2, mode=mode)
    one("DepthToSpace", [1, 9, 1, 2], blocksize=3)
    one("SpaceToDepth", [2, 3, 4, 6], blocksize=2)
    one("SpaceToDepth", [1, 1, 3, 6], name="space of three", blocksize=3)


def made():
    to_float = {"to": TensorProto.FLOAT}
    case("Range", [("Shape", ["x"], {}), ("Gather", ["v0", "second"], {}), ("Range", ["zero", "v1", "two"], {}),
                   ("Gather", ["x", "v2"], {"axis": 1})], [2, 7],
         {"second": np.int64(1), "zero": np.int64(0), "two": np.int64(2)})
    case("range downwards", [("Range", ["a", "b", "c"], {}), ("Cast", ["v0"], to_float), ("Add", ["x", "v1"], {})],
         [2, 4], {"a": np.int64(5), "b": np.int64(-6), "c": np.int64(-3)})
    case("range of floats", [("Range", ["a", "b", "c"], {}), ("Add", ["x", "v0"], {})], [2, 4],
         {"a": np.float32(0.5), "b": np.float32(2.25), "c": np.float32(0.5)})
    case("range of nothing", [("Range", ["a", "a", "c"], {}), ("Cast", ["v0"], to_float),
                              ("Concat", ["v1", "one"], {"axis": 0}), ("Mul", ["x", "v2"], {})], [2, 3],
         {"a": np.int64(4), "c": np.int64(1), "one": np.float32([2])})
    case("ConstantOfShape", [("Shape", ["x"], {}), ("ConstantOfShape", ["v0"], {}), ("Sub", ["v1", "x"], {})], [2, 3])
    half = helper.make_tensor("v", TensorProto.FLOAT, [1], [0.5])
    case("constant of one shape", [("ConstantOfShape", ["s"], {"value": half}), ("Concat", ["x", "v0"], {"axis": 1})],
         [1, 2, 2], {"s": axes_of(1, 1, 2)})
    case("Size", [("Size", ["x"], {}), ("Cast", ["v0"], to_float), ("Div", ["x", "v1"], {})], [2, 5])
    case("shape from behind", [("Shape", ["x"], {"start": -2, "end": -1}), ("Cast", ["v0"], to_float),
                               ("Mul", ["x", "v1"], {})], [2, 3, 4], opset=15)
    # The half of the planes, by arithmetic on sides.
    case("half by slice", [("Shape", ["x"], {}), ("Gather", ["v0", "one"], {}), ("Div", ["v1", "two"], {}),
                           ("Mul", ["v2", "one"], {}), ("Unsqueeze", ["v3", "front"], {}),
                           ("Slice", ["x", "zeros", "v4", "axis"], {})], [2, 5, 2],
         {"one": np.int64(1), "two": np.int64(2), "front": axes_of(0), "zeros": axes_of(0), "axis": axes_of(1)})


def reductions():
    for op in ["ReduceL1", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare"]:
        one(op, [2, 3, 4], axes=[-1, 0], keepdims=0)
        one(op, [2, 3, 2], {"axes": axes_of(1)}, name=f"{op} by input", opset=18)
        one(op, [2, 3], name=f"{op} of all")
        one(op, [2, 3], name=f"{op} of none", opset=18, noop_with_empty_axes=1)
    one("ReduceSum", [2, 3, 4], name="sum of all", keepdims=0)
    one("ReduceSum", [2, 3, 4], name="sum attribute", opset=11, axes=[1])
    one("ReduceSum", [2, 3], name="sum of none", noop_with_empty_axes=1)
    one("ReduceL2", [2, 3, 4], {"axes": axes_of(-1, 1)}, name="length by input", opset=18, keepdims=0)
    case("integers reduced", [("Shape", ["x"], {}), ("ReduceProd", ["v0"], {"keepdims": 0}),
                              ("ReduceMax", ["v0"], {}), ("Add", ["v1", "v2"], {}),
                              ("Cast", ["v3"], {"to": TensorProto.FLOAT}), ("Mul", ["x", "v4"], {})], [2, 5, 3])


def planes_normed():
    s, t = weights("s", 4, low=0.5, high=2), weights("t", 4)
    one("InstanceNormalization", [2, 4, 3, 2], {"s": s, "t": t}, epsilon=1e-2)
    one("InstanceNormalization", [2, 4, 5], {"s": s, "t": t}, name="instance norm of rows")
    one("GroupNormalization", [2, 4, 3, 2], {"s": s, "t": t}, opset=21, num_groups=2)
    one("GroupNormalization", [2, 4, 3], {"s": s[:2], "t": t[:2]}, name="group norm eighteen", opset=18, num_groups=2,
        epsilon=1e-3)
    one("LogSoftmax", [2, 3, 4])
    one("LogSoftmax", [2, 3, 4], name="log softmax old", opset=11, axis=-1)
    one("LayerNormalization", [2, 3, 4], {"s": weights("s", 4)}, name="layer norm of one", opset=17)


def quantized():
    def there_and_back(name, shape, scale, zero, opset=13, low=-3.0, high=3.0, **attributes):
        inits = {"s": scale, **({} if zero is None else {"z": zero})}
        further = list(inits)
        case(name, [("QuantizeLinear", ["x", *further], attributes), ("DequantizeLinear", ["v0", *further], attributes)],
             shape, inits, opset, low, high)

    there_and_back("quantized uint8", [2, 9], np.float32(0.02), np.uint8(117))
    there_and_back("quantized int8", [2, 9], np.float32(0.02), np.int8(-5), opset=10)
    there_and_back("quantized without zero", [2, 9], np.float32(0.5), None)
    there_and_back("quantized int16", [2, 9], np.float32(1e-4), np.int16(-77), opset=21)
    there_and_back("quantized uint16", [2, 9], np.float32(1e-4), np.uint16(30000), opset=21)
    there_and_back("quantized halves", [1, 8], np.float32(0.25), np.int8(0), low=-0.125, high=-0.125 + 1e-9)
    there_and_back("quantized planes", [2, 3, 2], np.float32([0.1, 0.02, 0.5]), np.uint8([1, 128, 200]))
    there_and_back("quantized last axis", [2, 2, 3], np.float32([0.1, 0.02, 0.5]), np.int8([1, -128, 100]), axis=-1)
    case("quantized by stated type", [("QuantizeLinear", ["x", "s"], {"output_dtype": TensorProto.INT8}),
                                      ("DequantizeLinear", ["v0", "s"], {})], [2, 9], {"s": np.float32(0.02)}, opset=21)
    # A layer as a quantiser leaves it: weights in 8 bits by plane, the bias in 32, pixels in 8 bits unsigned.
    w = np.round(weights("w", 4, 2, 3, 3) * 127).astype(np.int8)
    scales = np.float32([0.01, 0.02, 0.005, 0.015])
    bias = np.int32([1000, -2000, 30, 0])
    case("quantized layer", [
        ("QuantizeLinear", ["x", "xs", "xz"], {}), ("DequantizeLinear", ["v0", "xs", "xz"], {}),
        ("DequantizeLinear", ["w", "ws", "wz"], {"axis": 0}), ("DequantizeLinear", ["b", "bs"], {"axis": 0}),
        ("Conv", ["v1", "v2", "v3"], {"pads": [1, 1, 1, 1]}), ("Relu", ["v4"], {}),
        ("QuantizeLinear", ["v5", "ys", "yz"], {}), ("MaxPool", ["v6"], {"kernel_shape": [2, 2]}),
        ("DequantizeLinear", ["v7", "ys", "yz"], {})], [1, 2, 4, 4],
        {"xs": np.float32(0.02), "xz": np.uint8(128), "w": w, "ws": scales, "wz": np.zeros(4, np.int8), "b": bias,
         "bs": scales * np.float32(0.02), "ys": np.float32(0.03), "yz": np.uint8(0)})
    case("weights quantized", [("DequantizeLinear", ["w", "ws", "wz"], {"axis": 1}), ("MatMul", ["x", "v0"], {})],
         [2, 4], {"w": np.uint8(np.arange(12).reshape(4, 3) * 20), "ws": scales[:3], "wz": np.uint8([100, 128, 90])})


def main(out):
    convolutions()
    pools()
    elementwise()
    shapes()
    matrices()
    resizes()
    functions()
    comparisons()
    parts()
    made()
    reductions()
    planes_normed()
    quantized()
    names = [c["name"] for c in CASES]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    with open(out, "w") as f:
        f.write('{"made_by": "tests/reference/onnx_operators.py, onnxruntime ' + onnxruntime.__version__ + '", "cases": [\n')
        f.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES))
        f.write("\n]}\n")
    print(len(CASES), "cases")


if __name__ == "__main__":
    main(sys.argv[1])
