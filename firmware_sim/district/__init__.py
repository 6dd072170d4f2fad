"""The seeded district: outline, territories, water, roads, assets, devices, and its files."""
