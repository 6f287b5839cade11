from tests.documents.cast import cast  # noqa: F401 (a fixture)
