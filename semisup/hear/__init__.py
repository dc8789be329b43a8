"""Our own embeddings as modules of the HEAR 2021 interface, one file a module."""
