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
    """`nodes` are (op_type, inputs, attributes), each giving the value named by its place; the last is the output."""
    made = []
    for i, (op_type, inputs, attributes) in enumerate(nodes):
        output = "y" if i == len(nodes) - 1 else f"v{i}"
        made.append(helper.make_node(op_type, inputs, [output], name=f"n{i}", **attributes))
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


def main(out):
    convolutions()
    pools()
    elementwise()
    shapes()
    matrices()
    resizes()
    names = [c["name"] for c in CASES]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    with open(out, "w") as f:
        f.write('{"made_by": "tests/reference/onnx_operators.py, onnxruntime ' + onnxruntime.__version__ + '", "cases": [\n')
        f.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES))
        f.write("\n]}\n")
    print(len(CASES), "cases")


if __name__ == "__main__":
    main(sys.argv[1])
