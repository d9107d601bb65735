"""Ways round the regime, tried for real: over HTTP, on chain with a key, in the database file.

scenario    what a YAML file may say, and what is wrong with one
bodies      an example document, changed
world       the parties of a simulator: their API keys, wallets and names, and what they have
acts        a step of a scenario carried out, and the refusal it met
trial       a scenario tried, its honest twin done, and both judged by what came of it
"""
