"""glTF and GLB: gltf.py is what the registry calls."""
