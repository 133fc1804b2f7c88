"""What pages share: the guard, navigation, session state, filters, charts, messages."""
