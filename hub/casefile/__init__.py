"""The file of a case 案卷: the case with its signals, photos, orders, video and journal."""
