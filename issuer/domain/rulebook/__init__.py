"""The regime as rules: each is data with one small pure function. `catalogue` lists them all."""
