from django.db import migrations, models


def keep_names(apps, schema_editor):
    """Write down the names that filters use for custom references so far."""
    fields = list(apps.get_model("records", "CustomField").objects.exclude(target="").order_by("object_key", "position", "id"))
    if not fields:
        return
    from rapport.registry import catalog

    code = catalog.build(0)
    plurals = dict(apps.get_model("records", "CustomObject").objects.order_by("id").values_list("key", "plural"))
    plurals = {**{key: obj.plural for key, obj in code.objects.items()}, **plurals}
    order = list(plurals)
    taken = {key: {*names, *code.objects[key].fields} for key, names in code.relations.items()}
    for field in apps.get_model("records", "CustomField").objects.filter(removed_at=None):
        taken.setdefault(field.object_key, set()).add(field.key)
    living = [f for f in fields if f.object_key in plurals]
    for field in sorted(living, key=lambda f: (f.removed_at is not None, order.index(f.object_key))):
        known = taken.setdefault(field.target, set())
        name = plurals[field.object_key].replace("-", "_")
        field.back = f"{name}_{field.key}" if name in known else name
        known.add(field.back)
        field.save(update_fields=["back"])


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0002_counter'),
    ]

    operations = [
        migrations.AddField(
            model_name='customfield',
            name='back',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.RunPython(keep_names, migrations.RunPython.noop, elidable=True),
    ]
