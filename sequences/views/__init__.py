"""Pages: each checks the person and the form, calls one verb, answers with a page, a fragment or a redirect."""
