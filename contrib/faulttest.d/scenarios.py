"""The commits that contrib/faulttest disturbs."""


class Scenario:
    """One kind of commit.

    - settings: lines of lbu.conf.
    - prepare: a function that is given the box before each commit, and makes its media what the commit shall find.
    - command: what lbuctl is called with.
    - confirms: whether the commit is one that is to be confirmed.
    - on_the_way: whether what lbud does before and after, in its other threads, is disturbed too; it is the same in each.
    - always: calls that fail each time, with their error: what the file system under it cannot do.
    """

    def __init__(self, name, text, settings, prepare, command=("commit",), always=(), on_the_way=False,
                 confirms=False):
        self.name = name
        self.text = text
        self.settings = settings
        self.prepare = prepare
        self.command = command
        self.always = dict(always)
        self.on_the_way = on_the_way
        self.confirms = confirms


def renamed(box):
    box.keep_old_copies(1)
    box.rename()


def beside_another(box):
    box.keep_old_copies(1)
    box.add_foreign()


SCENARIOS = [
    Scenario(
        "replace", "a snapshot is there, and two old copies", ["BACKUP_LIMIT=3"],
        lambda box: box.keep_old_copies(2), on_the_way=True),
    Scenario(
        "first", "the media is empty", ["BACKUP_LIMIT=3"],
        lambda box: box.empty_media()),
    # More of them than the limit: one goes with each commit, and where there is no space, before it.
    Scenario(
        "prune", "a snapshot and three old copies, of which one may stay", ["BACKUP_LIMIT=1"],
        lambda box: box.keep_old_copies(3)),
    Scenario(
        "copy", "as replace, and the file system knows no links", ["BACKUP_LIMIT=3"],
        lambda box: box.keep_old_copies(2), always={"linkat": "EPERM"}),
    Scenario(
        "rename", "the box has another name now", ["BACKUP_LIMIT=3"],
        renamed),
    Scenario(
        "confirm", "as prune, and the new one is to be confirmed", ["BACKUP_LIMIT=1"],
        lambda box: box.keep_old_copies(3), command=("commit", "--confirm", "1h"), confirms=True),
    Scenario(
        "foreign", "another box's overlay is there, and is to go", ["BACKUP_LIMIT=3"],
        beside_another, command=("commit", "-d")),
]
