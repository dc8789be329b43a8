"""The study as data: what a study file may say, and where its artefacts lie; nothing here runs."""
