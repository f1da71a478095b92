"""The hub as a file: what it is told to be (systems, places, what people added), written out and applied.

`nodes` reads YAML into lines and texts, `reading` these into a `document`; `checking` says what of it cannot be here,
`applying` makes it so. `describing` is the way back, and `writing` puts it on paper.
"""
