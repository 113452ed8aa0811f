select distinct price_row_id, meter, minimum_quantity
from {{ ref("stg_prices__model_prices") }}
where minimum_quantity > 0 and meter <> 'audio_millisecond'
