"""Charts: small frames in, Plotly figures out. No query, no Streamlit call, no outside request."""
