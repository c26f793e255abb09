"""What runs an ONNX model, one small adapter each; see ``harness.runtime`` for what an adapter states and has."""
