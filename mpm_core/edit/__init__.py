"""Every way a recording changes: patches, and the document that applies and undoes them.

A verb is the edit, which can be undone (`trim`, `rename`); its participle is the changed recording (`trimmed`, `renamed`).
"""
