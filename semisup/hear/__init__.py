"""The HEAR 2021 interface: our own embeddings as its modules, one file each, and others' used."""
