"""HTML pages that need no other file: what each says (selftest.py, batch.py) as a Page (page.py), drawn by templates/page.html."""
