from django.db import migrations, models


class Migration(migrations.Migration):
    """Why a deal was lost is a choice; what was written so far is kept as the note."""

    dependencies = [
        ('sales', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='deal',
            name='lost_note',
            field=models.TextField(blank=True, default='', verbose_name='about the loss'),
        ),
        migrations.RunSQL(
            "UPDATE sales_deal SET lost_note = lost_reason, lost_reason = 'other' WHERE lost_reason <> ''",
            "UPDATE sales_deal SET lost_reason = SUBSTR(lost_note, 1, 200) WHERE lost_reason = 'other'",
        ),
        migrations.AlterField(
            model_name='deal',
            name='lost_reason',
            field=models.CharField(blank=True, choices=[('price', 'Price'), ('budget', 'No budget'), ('competitor', 'A competitor'), ('timing', 'Wrong time'), ('need', 'No need any more'), ('product', 'Something is missing'), ('silence', 'No answer'), ('other', 'Other')], default='', max_length=12, verbose_name='lost because'),
        ),
    ]
