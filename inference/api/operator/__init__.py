"""The operator's page: read-only, behind the operator's key, in the same process as the API.

routes   who may see it, and what is answered
session  a signed cookie instead of the key, and links that give one
page     the page and its board as HTML; every value is escaped
charts   bars as SVG, which stretch; their words are HTML, which does not
words    English and Japanese
"""
