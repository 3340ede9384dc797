"""The networks, one file each: a table and a loop; `build.build` puts one together."""
