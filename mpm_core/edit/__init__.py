"""Every way a recording changes: patches, and the document that applies and undoes them."""
