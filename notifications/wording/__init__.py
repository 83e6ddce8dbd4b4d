"""What mails say, and in which words.

`catalogue` has every kind of mail; `facts` are what is stored of an event, `rendering` makes a mail of them,
with `date_lists` and `overview_lines` for what is read as lists; `validity` says whether it is still so.
A house's own words: `texts` and `placeholders`; made-up mails: `examples` and `overview_examples`; what
staff see: `preview`. `checks` looks at every start whether a text is missing.
"""
