"""The bundled sample: a person who walks, turns, reaches and sits, made from published curves.

`python -m mpm_core.sample [FOLDER]` writes it. Inside this package: metres, Z up, right-handed; on the body x is forward, y left, z up.
"""
