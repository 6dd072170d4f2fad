"""The matter list 矛盾风险隐患清单: disputes and hazards with tier, leader, reviews and a plan."""
