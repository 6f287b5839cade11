"""The judged collection of the search: passages, queries, compounds."""
