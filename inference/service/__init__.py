"""Policy: who may ask for what, at which cost, and who may see it. Knows no HTTP, no SQL, no torch.

service     the doors, GenerationService and Library, as one object
admission   checks, uploads, plan, charge, queue
outlook     what a job will take and how long it waits
feed        one look at the rows for all who follow events
renditions  bytes of clips, smaller ones where a chat asks for them
library     clips made and accounts held
schedules   clips asked for in advance
servers     what the managers of a server decide there
links       addresses that open a clip for a while
linking     one person, several chats
privacy     all that is stored of a member, handed out or deleted
operating   what operators, and managers of their server, look at and put right
operators   who they are, and how their acts are signed
plots       reports of use as pictures
upkeep      what is done every so often, and what is kept no longer
members     which member and tier a requester is, and what they may see
"""

from inference.service.service import Service

__all__ = ["Service"]
