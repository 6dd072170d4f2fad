"""AI quality 识别质量: how often cameras are right, and which of them may file cases by themselves."""
